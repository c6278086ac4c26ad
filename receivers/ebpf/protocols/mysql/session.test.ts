import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { mysql } from './protocol.ts'
import * as my from './testing.ts'
import { ask, BEGIN, OPENING, returned, say, spanOf as span } from './testing.ts'

const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(mysql(parentBasedAlwaysOn), conversation, options).spans.map(spanLine)

describe('mysql, how a connection begins', () => {
  const systemOf = (conversation: Conversation) => {
    const [one] = play(mysql(parentBasedAlwaysOn), conversation).spans
    const value = one?.attributes.find(({ key }) => key === 'db.system.name')?.value
    return value !== undefined && 'value' in value ? value.value : ''
  }

  test('the greeting tells MariaDB from MySQL; without a database there is none', () => {
    const start = [ask(my.login('')), say(my.ok(2)), ...BEGIN]
    assert.equal(systemOf([say(my.greeting()), ...start]), 'mariadb')
    assert.equal(systemOf([say(my.greeting('8.4.3')), ...start]), 'mysql')
    assert.deepEqual(lines([say(my.greeting('8.4.3')), ...start]), [span('BEGIN', 'BEGIN', '', '')])
  })

  test('a login that is talked over, and one that fails', () => {
    const talk = [
      say(my.packet(2, 0xfe, 'plugin\0salt')),
      ask(my.packet(3, 'proof')),
      say(my.packet(4, 1, 3)),
    ]
    const start = [say(my.greeting()), ask(my.login()), ...talk]
    assert.deepEqual(lines([...start, say(my.ok(5)), ...BEGIN]), [span('BEGIN', 'BEGIN')])
    assert.deepEqual(lines([...start, say(my.error(5, 1045, '28000'))], { end: 'closed' }), [])
  })

  test('TLS: the kernel goes on looking, and what is inside begins with the login', () => {
    const open = mysql(parentBasedAlwaysOn)
    const clear = play(open, [say(my.greeting()), ask(my.TLS_REQUEST), ['request', '\x16\x03\x01']])
    assert.deepEqual([clear.verdicts, clear.counts], [[], {}])
    const inside = play(open, [ask(my.login('shop', 2)), say(my.ok(3)), ...BEGIN])
    assert.deepEqual(inside.spans.map(spanLine), [span('BEGIN', 'BEGIN')])
    const { value } = inside.spans[0]?.attributes[0] ?? {}
    assert.deepEqual(value !== undefined && 'value' in value && value.value, 'mariadb')
  })

  test('connections of replicas are let go and counted', () => {
    const replica = play(mysql(parentBasedAlwaysOn), [...OPENING, ask(my.packet(0, 0x12, 'x'))])
    assert.deepEqual(replica.counts, { mysql_stream: 1 })
  })

  test('an old connection: what was prepared before is not known, nor the database', () => {
    const said: Conversation = [
      ask(my.execute(3)),
      say(my.rows(['x'], false)),
      ask(my.query('UPDATE t SET a = 1')),
      say(my.ok(1)),
      ask(my.query('USE b')),
      say(my.ok(1)),
      ...BEGIN,
    ]
    assert.deepEqual(lines(said, { connection: { adopted: true }, end: 'closed' }), [
      `mysql server ${returned(1)} weir.partial=statement_unknown`,
      span('UPDATE t', 'UPDATE t SET a = ?', 'weir.partial=database_unknown', ''),
      span('USE', 'USE b', 'weir.partial=database_unknown', ''),
      span('BEGIN', 'BEGIN', '', 'b'),
    ])
  })
})

describe('mysql, seen in part', () => {
  const long = say(my.rows(Array.from({ length: 50 }, () => 'secret')))
  const partial = span('SELECT t', 'SELECT a FROM t', 'weir.partial=result_uncaptured')

  test('a result that was not captured to its end is over by its last bytes, or when the next query comes', () => {
    const said: Conversation = [...OPENING, ask(my.query('SELECT a FROM t')), long]
    for (const [conversation, end] of [
      [[...said, ask(my.query('BEGIN'))], undefined],
      [said, 'closed'],
    ] as const) {
      const { spans, counts } = play(mysql(parentBasedAlwaysOn), conversation, {
        captured: 100,
        ...(end ? { end } : {}),
      })
      assert.deepEqual(spans.map(spanLine), [partial])
      assert.deepEqual(counts, { result_uncaptured: 1 })
    }
  })

  test('who gets no answer says why', () => {
    const said = [...OPENING, ask(my.query('SELECT 1'))]
    assert.deepEqual(lines(said, { end: 'reset' }), [
      span('SELECT', 'SELECT ?', 'error.type=connection_reset error'),
    ])
  })

  test('a gap that is no row loses what waited', () => {
    const said: Conversation = [...OPENING, ask(my.query('SELECT 1'), my.query('SELECT 2')), long]
    const { spans, counts } = play(mysql(parentBasedAlwaysOn), said, {
      captured: 100,
      end: 'closed',
    })
    assert.deepEqual([spans.length, counts['chunk_gap'], counts['chunk_out_of_step']], [0, 1, 2])
  })

  test('something else gives no span', () => {
    const wrong = [
      'GET / HTTP/1.1\r\n\r\n',
      '\0\0\0\0',
      '\xff'.repeat(50),
      '\x01\0\0\x07\x03',
      '\xff\xff\xff\0\x03',
    ]
    for (const bytes of wrong) {
      const noise: Conversation = [
        ['request', bytes],
        ['response', bytes],
        ['request', bytes],
      ]
      assert.deepEqual(lines(noise), [])
      assert.deepEqual(lines(noise, { connection: { adopted: true }, end: 'closed' }), [])
      assert.deepEqual(lines([...OPENING, ['request', bytes], ['response', '\x01\0\0\x01\0']]), [])
    }
  })
})
