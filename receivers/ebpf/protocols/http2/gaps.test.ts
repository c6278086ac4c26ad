import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HTTP1_DEFAULTS } from '../http1/protocol.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { http2 } from './protocol.ts'
import { all, block, CLIENT, data, END, get, headers, indexed, ok, SERVER } from './testing.ts'

const open = http2(HTTP1_DEFAULTS)
const ask = (...parts: Buffer[]) => ['request', all(...parts)] as const
const say = (...parts: Buffer[]) => ['response', all(...parts)] as const
const BEGIN = [ask(CLIENT), say(SERVER)] as const

function told(conversation: Conversation, options?: PlayOptions) {
  const { spans, counts } = play(open, conversation, options)
  const lines = spans.map(spanLine).map((line) => line.replace(/ server .*url.path=/, ' '))
  return { lines, counts }
}

/** A response whose second frame begins where nothing is captured. */
const long = (stream: number) =>
  say(ok(stream, 4), data(stream, 'x'.repeat(500), false), data(stream, 'y'.repeat(500)))
const STATUS = ' http.response.status_code=200'
const SIZE_0 = ' http.response.body.size=0'

describe('HTTP/2 in part', () => {
  test('joined late: what is static, literal or new in the table is known', () => {
    const conversation = [
      ask(get(9, '/a')),
      say(ok(9)),
      ask(headers(11, block(2, 6, [':path', '/b'], 70), END)),
      say(headers(11, block(75), END)),
      ask(headers(13, all(block(2, 6), indexed([':path', '/c'])), END)),
      ask(headers(15, block(2, 6, 62), END)),
      say(ok(13), ok(15)),
    ]
    const { lines, counts } = told(conversation, { connection: { adopted: true } })
    assert.deepEqual(lines, [
      `GET /a${STATUS}${SIZE_0}`,
      `GET /b${SIZE_0} weir.partial=http2_fields_unknown`,
      `GET /c${STATUS}${SIZE_0}`,
      `GET /c${STATUS}${SIZE_0}`,
    ])
    assert.deepEqual(counts, { http2_fields_unknown: 1 })
  })

  test('joined late: nothing is invented for what began before', () => {
    const conversation = [
      say(data(7, 'rest'), ok(5)),
      ask(data(7, 'more')),
      ask(get(9, '/a')),
      say(ok(7), ok(9)),
    ]
    const { lines } = told(conversation, { connection: { adopted: true }, end: 'closed' })
    assert.deepEqual(lines, [`GET /a${STATUS}${SIZE_0}`])
  })

  test('an old connection that has said nothing yet begins with its preface', () => {
    const conversation = [
      ask(CLIENT, headers(1, all(block(2, 6), indexed([':path', '/c'])), END)),
      say(SERVER, ok(1)),
      ask(headers(3, block(2, 6, 62), END)),
      say(ok(3)),
    ]
    const { lines, counts } = told(conversation, { connection: { adopted: true } })
    assert.deepEqual(lines, [`GET /c${STATUS}${SIZE_0}`, `GET /c${STATUS}${SIZE_0}`])
    assert.deepEqual(counts, {})
  })

  test('a gap in a response: what comes behind it is told', () => {
    const conversation = [...BEGIN, ask(get(1, '/a')), long(1), ask(get(3, '/b')), say(ok(3))]
    const { lines, counts } = told(conversation, { captured: 100, end: 'closed' })
    assert.deepEqual(lines, [`GET /b${STATUS}${SIZE_0}`, `GET /a${STATUS} weir.partial=http2_gap`])
    assert.deepEqual(counts, { chunk_gap: 1, http2_gap: 1 })
  })

  test('a gap before a response: it is lost, and counted', () => {
    const conversation = [
      ...BEGIN,
      ask(get(1, '/a'), get(3, '/b')),
      say(ok(1, 4), data(1, 'x'.repeat(500)), ok(3)),
      ask(get(5, '/c')),
      say(ok(5)),
    ]
    const { lines, counts } = told(conversation, { captured: 100, end: 'closed' })
    assert.deepEqual(lines, [
      `GET /a${STATUS} http.response.body.size=500`,
      `GET /c${STATUS}${SIZE_0}`,
    ])
    assert.deepEqual(counts, { chunk_gap: 1, http2_out_of_step: 1 })
  })

  test('behind a gap an index of the table is unknown, never another field', () => {
    const many = Array.from({ length: 10 }, (_, i) => get(5 + 2 * i, `/lost/${i}`))
    const conversation = [
      ...BEGIN,
      ask(headers(1, all(block(2, 6), indexed([':path', '/c'])), END)),
      say(ok(1)),
      ask(headers(3, block(2, 6, 62), END), ...many),
      ask(headers(41, block(2, 6, 62), END)),
      say(ok(41)),
    ]
    const { lines } = told(conversation, { captured: 60 })
    assert.deepEqual(lines.slice(0, 1), [`GET /c${STATUS}${SIZE_0}`])
    assert.match(lines.at(-1) ?? '', /^GET server .*weir.partial=http2_fields_unknown$/)
  })

  test('what is no HTTP/2 gives no span, and is given up', () => {
    const noise = Array.from({ length: 5000 }, (_, i) => ask(Buffer.alloc(40, i)))
    const { spans, verdicts, counts } = play(open, [ask(CLIENT), ...noise])
    assert.deepEqual([spans.length, verdicts], [0, ['ignore']])
    assert.equal(counts['chunk_given_up'], 1)
  })
})
