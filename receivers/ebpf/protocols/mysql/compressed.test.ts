import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deflateSync, zstdCompressSync } from 'node:zlib'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { mysql } from './protocol.ts'
import * as my from './testing.ts'
import { ask, COMPRESSED_OPENING, returned, say, spanOf as span } from './testing.ts'

type Pack = ((bytes: Buffer) => Buffer) | undefined
const CODECS: readonly (readonly [name: string, pack: Pack])[] = [
  ['nothing', undefined],
  ['zlib', (bytes) => deflateSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
]

const playAll = (said: Conversation, options?: PlayOptions) => {
  const { spans, counts } = play(mysql(parentBasedAlwaysOn), said, options)
  return { lines: spans.map(spanLine), counts }
}

/** Two statements, and a result whose packets are cut by those that they lie in. */
function conversation(pack: Pack): Conversation {
  const result = my.rows(['secret', 'x'.repeat(300)])
  const [front, back] = [result.subarray(0, 21), result.subarray(21)]
  return [
    ask(my.compressed(0, my.query('SELECT a FROM t WHERE b = 7'), pack)),
    say(my.compressed(1, front, pack), my.compressed(2, back, pack)),
    ask(my.compressed(0, my.query('UPDATE t SET a = 1'), pack)),
    say(my.compressed(1, my.error(1), pack)),
  ]
}

const SPANS = [
  span('SELECT t', 'SELECT a FROM t WHERE b = ?', returned(2)),
  span('UPDATE t', 'UPDATE t SET a = ?', 'db.response.status_code=1146 error.type=1146 error'),
]

/** Of zstd a packet is read from a whole block of it on, which is longer than what is held. */
const wantedOfLong = (codec: string) =>
  codec === 'zstd' ? [] : ['INSERT t server db.namespace=shop db.query.summary=INSERT t']

describe('mysql, compressed', () => {
  for (const [name, pack] of CODECS) {
    test(`by ${name}, whole and cut anywhere`, () => {
      const said = [...COMPRESSED_OPENING, ...conversation(pack)]
      assert.deepEqual(playAll(said), { lines: SPANS, counts: {} })
      for (const cut of CUTS) assert.deepEqual(playAll(said, { cut }).lines, SPANS, `${cut}`)
    })

    test(`by ${name}, a statement longer than what is unpacked`, () => {
      const numbers = Array.from({ length: 100_000 }, (_, i) => i * 7919).join(',')
      const whole = my.query(`INSERT INTO t VALUES (${numbers})`)
      const parts = Array.from({ length: 10 }, (_, i) => whole.subarray(i * 1e5, (i + 1) * 1e5))
      const said = [
        ...COMPRESSED_OPENING,
        ask(...parts.map((part, seq) => my.compressed(seq, part, pack))),
        say(my.compressed(1, my.ok(1), pack)),
      ]
      const summary = (line: string) => line.replace(/ db.query.text.*/, '')
      assert.deepEqual(playAll(said, { cut: 1000 }).lines.map(summary), wantedOfLong(name))
    })

    test(`by ${name}, on a connection older than weir`, () => {
      const options = { connection: { adopted: true } }
      const unknown = (line: string) =>
        line
          .replace(/db.namespace=shop /, '')
          .replace(/( error)?$/, ' weir.partial=database_unknown$1')
      assert.deepEqual(playAll(conversation(pack), options).lines, SPANS.map(unknown))
    })
  }

  const resumed = my.compressed(0, my.query('COMMIT'))
  const hostile: readonly (readonly [name: string, packet: Buffer])[] = [
    ['unpacks to more than it says', my.compressed(0, Buffer.alloc(1 << 20), deflateSync, 20)],
    ['unpacks to nothing', my.compressed(0, Buffer.from('xxxxxxxx'), (bytes) => bytes)],
    ['is empty', my.compressed(0, Buffer.alloc(0))],
    ['holds no command', my.compressed(0, Buffer.alloc(40, 0x77), deflateSync)],
  ]
  for (const [name, packet] of hostile) {
    test(`a packet that ${name}: it goes on with the next statement`, () => {
      const said = [
        ...COMPRESSED_OPENING,
        ask(packet),
        say(my.compressed(1, my.ok(1))),
        ask(resumed),
        say(my.compressed(1, my.ok(1))),
      ]
      const { lines, counts } = playAll(said, { end: 'closed' })
      assert.deepEqual(lines, [span('COMMIT', 'COMMIT', 'weir.partial=database_unknown', '')])
      assert.deepEqual(counts, { chunk_invalid: 1 })
    })
  }

  test('a long result that was not captured to its end', () => {
    const result = my.rows(Array.from({ length: 3000 }, (_, i) => `${i * 7919}`))
    for (const pack of [undefined, deflateSync]) {
      const said = [
        ...COMPRESSED_OPENING,
        ask(my.compressed(0, my.query('SELECT a FROM t'))),
        say(my.compressed(1, result, pack)),
        ask(resumed),
        say(my.compressed(1, my.ok(1))),
      ]
      const { lines } = playAll(said, { captured: 1000 })
      assert.deepEqual(lines, [
        span('SELECT t', 'SELECT a FROM t', 'weir.partial=result_uncaptured'),
        span('COMMIT', 'COMMIT'),
      ])
    }
  })
})
