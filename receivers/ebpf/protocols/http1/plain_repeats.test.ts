import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../../../../test/support/fast_check.ts'
import type { Connection } from '../../protocol.ts'
import { repeatOf } from './plain_repeats.ts'
import { play, SERVER, withoutChance } from './testing/in_place.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)
const CLIENT: Connection = { ...SERVER, role: 'client', localPort: 40_001, peerPort: 9090 }

const head = (first: string, ...lines: string[]) => `${[first, ...lines].join('\r\n')}\r\n\r\n`
const get = (path: string, ...lines: string[]) => head(`GET ${path} HTTP/1.1`, 'Host: a', ...lines)
const answer = (status: number, second: number, body = '') =>
  `${head(`HTTP/1.1 ${status} X`, `Date: ${second}`, `Content-Length: ${body.length}`)}${body}`

type Exchange = readonly [request: string, ...response: string[]]

const PARENT = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Of the same sizes, as far as that can be: what differs is one octet somewhere. */
const requests = [
  get('/a?x=1'),
  get('/b?x=1'),
  get('/a?x=2'),
  get('/a?x=1', 'User-Agent: a'),
  get('/a?x=1', 'User-Agent: b'),
  get('/a?x=1', PARENT),
  get('/users/1'),
  get('/ignored'),
  `${head('POST /a HTTP/1.1', 'Content-Length: 3')}abc`,
  `${head('POST /a HTTP/1.1', 'Content-Length: 3')}abd`,
]
const responses = [
  [answer(200, 1, 'hi')],
  [answer(200, 1, 'ho')],
  [answer(200, 2, 'hi')],
  [answer(404, 1, 'hi')],
  [answer(500, 1)],
  [answer(200, 1), ''],
  [answer(200, 3, 'hi').slice(0, -1), 'i'],
]
const exchange = fc
  .tuple(fc.constantFrom(...requests), fc.constantFrom(...responses))
  .map(([request, calls]): Exchange => [request, ...calls.filter((call) => call !== '')])
const conversation = fc
  .array(fc.tuple(exchange, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 6 })
  .map((all) => all.flatMap(([one, times]) => new Array<Exchange>(times).fill(one)))

describe('what is said again and again gives the spans that it gives each time', () => {
  for (const [i, connection] of [SERVER, CLIENT, { ...SERVER, tls: true }].entries()) {
    test(`${connection.role} ${i}`, () => {
      fc.assert(
        fc.property(conversation, (exchanges) => {
          const own = { ...connection }
          const got = play(exchanges, own, true)
          const want = play(exchanges, connection, false)
          assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
          assert.deepEqual(got.counts, want.counts)
          assert.equal(new Set(got.spans.map((span) => span.spanId)).size, got.spans.length)
        }),
        { numRuns: RUNS },
      )
    })
  }

  test('from the third time on it is not read', () => {
    const connection = { ...SERVER }
    const kept: boolean[] = []
    const same = new Array<Exchange>(3).fill([get('/'), answer(200, 1)])
    play(same, connection, true, {}, () => kept.push(repeatOf(connection).span.told !== undefined))
    assert.deepEqual(kept, [false, true, true])
  })

  test('addresses that become known later are in the next span', () => {
    const playLate = (inPlace: boolean) => {
      const connection = { ...SERVER, localAddress: '', peerAddress: '', peerPort: 0 }
      let played = 0
      const same = new Array<Exchange>(6).fill([get('/'), answer(200, 1)])
      return play(same, connection, inPlace, {}, () => {
        if (++played === 3) Object.assign(connection, SERVER)
      })
    }
    const [got, want] = [playLate(true), playLate(false)]
    assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
    assert.notDeepEqual(got.spans[2]?.attributes, got.spans[3]?.attributes)
  })

  test('a route that is learned meanwhile is in the next span', () => {
    const words = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `/users/word${letter}`)
    const others = words.map((path): Exchange => [get(path), answer(200, 1)])
    const same = new Array<Exchange>(4).fill([get('/users/worda'), answer(200, 1)])
    const exchanges = [...same, ...others, ...same]
    const got = play(exchanges, { ...SERVER }, true)
    const want = play(exchanges, SERVER, false)
    assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
    assert.notEqual(got.spans[0]?.name, got.spans.at(-1)?.name)
  })
})
