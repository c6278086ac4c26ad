import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, play, spanLine } from '../testing/chunk_play.ts'
import { memcached } from './protocol.ts'
import { all, ask, CODE, say } from './testing.ts'

const open = memcached(parentBasedAlwaysOn)
const names = (conversation: Conversation, options = {}) =>
  play(open, conversation, options).spans.map(({ name }) => name)

const GET: Conversation = [
  ['request', 'get k\r\n'],
  ['response', 'END\r\n'],
]

describe('memcached, seen in part', () => {
  test('a value longer than what is captured ends where END does', () => {
    const conversation: Conversation = [
      ['request', 'get k\r\n'],
      ['response', `VALUE k 0 90000\r\n${'y'.repeat(90_000)}\r\nEND\r\n`],
      ...GET,
    ]
    const { spans, counts } = play(open, conversation, { captured: 300 })
    assert.deepEqual(spans.map(spanLine), [
      'get server db.operation.name=get db.response.returned_rows=1',
      'get server db.operation.name=get db.response.returned_rows=0',
    ])
    assert.deepEqual(counts, {})
  })

  test('values whose heads were not captured: their number is not known', () => {
    const value = (key: string) => `VALUE ${key} 0 900\r\n${'y'.repeat(900)}\r\n`
    const conversation: Conversation = [
      ['request', 'get a b c\r\n'],
      ['response', `${value('a')}${value('b')}${value('c')}END\r\n`],
      ...GET,
    ]
    const { spans, counts } = play(open, conversation, { captured: 300 })
    assert.deepEqual(spans.map(spanLine), [
      'BATCH get server db.operation.name=BATCH get db.operation.batch.size=3 weir.partial=result_uncaptured',
      'get server db.operation.name=get db.response.returned_rows=0',
    ])
    assert.deepEqual(counts, { result_uncaptured: 1 })
  })

  test('the same of quiet binary ones, which end with the next request', () => {
    const get = (key: string) => ask(CODE.getKeyQuietly, { key })
    const value = (key: string) =>
      say(CODE.getKeyQuietly, { extras: 4, key, value: 'y'.repeat(900) })
    const conversation: Conversation = [
      ['request', all(get('a'), get('b'), ask(CODE.noop))],
      ['response', all(value('a'), value('b'), say(CODE.noop))],
      ['request', ask(CODE.get, { key: 'k' })],
      ['response', say(CODE.get, { status: 1 })],
    ]
    const { spans, counts } = play(open, conversation, { captured: 300 })
    assert.deepEqual(spans.map(spanLine), [
      'BATCH get server db.operation.name=BATCH get db.operation.batch.size=2 weir.partial=result_uncaptured',
      'get server db.operation.name=get db.response.returned_rows=0',
    ])
    assert.deepEqual(counts, { result_uncaptured: 1, memcached_housekeeping: 1 })
  })

  test('a line of keys that was not captured to its end', () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`).join(' ')
    const conversation: Conversation = [
      ['request', `get ${keys}\r\n`],
      ['response', 'VALUE key-1 0 1\r\nx\r\nEND\r\n'],
      ...GET,
    ]
    const { spans, counts } = play(open, conversation, { captured: 3000 })
    assert.deepEqual(spans.map(spanLine), [
      'BATCH get server db.operation.name=BATCH get weir.partial=memcached_cut',
      'get server db.operation.name=get db.response.returned_rows=0',
    ])
    assert.deepEqual(counts, { memcached_cut: 1 })
  })

  test('who gets no answer says why', () => {
    for (const [end, failure] of [
      ['closed', 'connection_closed'],
      ['reset', 'connection_reset'],
    ] as const) {
      const [span] = play(open, [['request', 'get k\r\n']], { end }).spans
      assert.equal(
        spanLine(span as never),
        `get server db.operation.name=get error.type=${failure} error`,
      )
    }
    assert.equal(play(open, GET.slice(0, 1), { end: 'evicted' }).counts['evicted_exchange'], 1)
  })

  test('an old connection is believed once requests and answers are even', () => {
    const old = { connection: { adopted: true } }
    assert.deepEqual(names([['response', 'END\r\n'], ...GET, ...GET], old), ['get', 'get'])
  })

  test('watch, and what dumps, is let go', () => {
    for (const line of ['watch fetchers\r\n', 'lru_crawler metadump all\r\n']) {
      const { verdicts, spans, counts } = play(open, [
        ['request', line],
        ['response', 'OK\r\n'],
      ])
      assert.deepEqual([verdicts, spans.length, counts], [['ignore'], 0, { memcached_stream: 1 }])
    }
  })

  test('garbage in front of a command loses no more than itself', () => {
    assert.deepEqual(names([['request', '\x01\x02\x03\n'], ['response', '?\n'], ...GET, ...GET]), [
      'get',
      'get',
    ])
  })

  test('something else, or the other direction, gives no span and is given up', () => {
    const wrong: Conversation[] = [
      [['request', `set k 0 0 99999999999\r\n`]],
      [['request', `set k 0 0 2000000000\r\n`]],
      [['request', `get ${'x'.repeat(5000)}`]],
      [['request', 'VALUE k 0 1\r\nx\r\nEND\r\n']],
      [['request', Buffer.from('80000001ff000000ffffffff0000000000000000000000', 'hex')]],
      [
        ['request', 'get k\r\n'],
        ['response', 'STORED\r\n'],
      ],
      [
        ['request', 'get k\r\n'],
        ['response', '$19\r\nhello, hello, hello\r\n'],
      ],
    ]
    for (const conversation of wrong) {
      const many = Array.from({ length: 70 }, () => conversation).flat()
      const { spans, verdicts } = play(open, many)
      assert.deepEqual(spans.map(spanLine), [])
      assert.deepEqual(verdicts, conversation.length > 1 ? ['ignore'] : [])
    }
  })
})
