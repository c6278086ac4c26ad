import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { lz4 } from '../../../../pipeline/net/lz4.ts'
import { snappyBlock } from '../../../../pipeline/net/snappy.ts'
import { type Conversation, play } from '../testing/chunk_play.ts'
import * as k from './testing.ts'
import {
  ask,
  big,
  CLIENT,
  lines,
  open,
  PARENT,
  say,
  send,
  TRACE,
  two,
  ZERO,
} from './testing_spans.ts'

/** Two blocks, as Java's clients write them. */
function xerial(records: Buffer): Buffer {
  const blocks = [records.subarray(0, 20), records.subarray(20)].flatMap((part) => {
    const block = snappyBlock(part)
    return [k.i32(block.length), block]
  })
  return Buffer.concat([Buffer.from('82534e41505059000000000100000001', 'hex'), ...blocks])
}

describe('kafka: records, and what is seen in part', () => {
  for (const [codec, attributes, compress] of [
    ['none', 0, undefined],
    ['gzip', 1, gzipSync],
    ['snappy', 2, snappyBlock],
    ['snappy in blocks', 2, xerial],
    ['lz4', 3, lz4],
    ['zstd', 4, zstdCompressSync],
  ] as const) {
    test(`spans link to what records say, compressed by ${codec}`, () => {
      const options =
        compress === undefined
          ? {}
          : { compress: (records: Buffer) => Buffer.from(compress(records)) }
      const records = k.batch([k.record('a', PARENT), k.record('b'), k.record('c', PARENT)], {
        ...options,
        attributes,
      })
      const [span] = play(open(), [ask(k.fetch(1)), say(k.fetched(1, { a: records }))]).spans
      assert.deepEqual(
        span?.links.map(({ traceId, spanId }) => [traceId, spanId]),
        [
          [TRACE, '0123456789abcdef'],
          [TRACE, '0123456789abcdef'],
        ],
      )
    })
  }

  test('records that become very much of little are linked by their front', () => {
    const records = Array.from({ length: 4000 }, () => k.record('a', PARENT))
    for (const [attributes, compress] of [
      [1, gzipSync],
      [4, zstdCompressSync],
    ] as const) {
      const options = { compress: (bytes: Buffer) => Buffer.from(compress(bytes)) }
      const packed = k.batch(records, { ...options, attributes })
      assert.ok(packed.length < 8192)
      const { spans, counts } = play(open(), [ask(k.fetch(1)), say(k.fetched(1, { a: packed }))])
      assert.equal(spans[0]?.links.length, 16)
      assert.equal(counts['kafka_origins_unread'], undefined)
    }
  })

  test('what is broken is counted, and no link is made up', () => {
    for (const attributes of [1, 2, 3, 4]) {
      const records = k.batch([k.record('x', PARENT)], { attributes })
      const { spans, counts } = play(open(), [ask(k.fetch(1)), say(k.fetched(1, { a: records }))])
      assert.deepEqual([spans.length, spans[0]?.links.length], [1, 0])
      assert.equal(counts['kafka_origins_unread'], 1)
    }
  })

  test('what was not captured of records is not missed, what stands behind them is said to be', () => {
    const conversation = [
      ask(k.produce(1, { a: { 0: big }, b: { 0: two } })),
      say(k.produced(1, { a: 0 })),
      ask(k.produce(2, { c: { 0: two } })),
      say(k.produced(2, { c: 0 })),
    ]
    assert.deepEqual(lines(conversation, { captured: 1024 }), [
      send('a', `${ZERO}${CLIENT} weir.partial=kafka_cut`),
      send('c', `${ZERO}${CLIENT} batch.message_count=2`),
    ])
  })

  test('an old connection: answers to requests that nobody saw are passed over', () => {
    const old = { connection: { adopted: true } } as const
    const conversation: Conversation = [
      say(k.produced(4, { a: 0 })),
      ask(k.produce(6, { a: { 0: two } })),
      say(k.all(k.produced(5, { a: 0 }), k.produced(6, { a: 0 }))),
      ask(k.produce(7, { b: { 0: two } })),
      say(k.produced(7, { b: 0 })),
    ]
    const more = `${ZERO}${CLIENT} batch.message_count=2`
    assert.deepEqual(lines(conversation, old), [send('a', more), send('b', more)])
  })

  test('an old connection whose size is read alone', () => {
    const bytes = k.produce(6, { a: { 0: two } })
    const conversation = [
      ask(bytes.subarray(0, 4)),
      ask(bytes.subarray(4)),
      say(k.produced(6, { a: 0 })),
    ]
    assert.equal(lines(conversation, { connection: { adopted: true } }).length, 1)
  })

  test('who gets no answer says why', () => {
    const conversation = [ask(k.all(k.produce(1, { a: { 0: two } }), k.fetch(2)))]
    const closed = `${ZERO}${CLIENT} error.type=connection_closed batch.message_count=2 error`
    assert.deepEqual(lines(conversation, { end: 'closed' }), [send('a', closed)])
  })

  test('the wrong direction, garbage in front and huge lengths give no span', () => {
    const good = k.produce(1, { a: { 0: two } })
    const huge = Buffer.concat([Buffer.from([0x7f, 0xff, 0xff, 0xff]), good.subarray(4)])
    const many = k.request(
      0,
      7,
      1,
      k.i16(-1),
      k.i16(1),
      k.i32(1),
      k.i32(0x7fffffff),
      Buffer.alloc(99),
    )
    for (const bytes of [huge, many, Buffer.concat([Buffer.from('garbage!'), good])]) {
      assert.deepEqual(lines([ask(bytes), say(k.produced(1, { a: 0 }))]), [])
    }
    assert.deepEqual(lines([say(good), ask(k.produced(1, { a: 0 }))]), [])
  })
})
