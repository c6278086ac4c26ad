import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Connection } from '../../protocol.ts'
import { samplerByName } from '../../trace_context/sampling.ts'
import type { HttpOptions } from '../http1/emit.ts'
import { HTTP1_DEFAULTS } from '../http1/protocol.ts'
import { SERVER, withoutChance } from '../http1/testing/in_place.ts'
import * as said from './testing.ts'
import { play, type Turn } from './testing_turns.ts'

const CLIENT: Connection = { ...SERVER, role: 'client', localPort: 40_001, peerPort: 9090 }
const UNKNOWN: Connection = { ...SERVER, localAddress: '', peerAddress: '', peerPort: 0 }
const CONNECTIONS: readonly Connection[] = [
  SERVER,
  CLIENT,
  UNKNOWN,
  { ...UNKNOWN, role: 'client' },
  { ...SERVER, tls: true },
  { ...CLIENT, tls: true },
]
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

type Field = readonly [name: string, value: string]

/** The scheme that connections have, by index in the static table. */
const schemeOf = ({ tls }: Connection) => (tls ? 7 : 6)
const ask = (scheme: number, method: number | Field, path: string, ...more: Field[]) =>
  said.headers(1, said.block(method, scheme, [':path', path], ...more), said.END)
const GET = 2
const HOST = [':authority', 'shop:8443'] as const
const OK = said.all(said.ok(1, 4), said.data(1, 'hi'))
const status = (code: string) => said.headers(1, said.block([':status', code]), said.END)

const plain: [name: string, request: (scheme: number) => Buffer, response: Buffer][] = [
  ['a GET', (scheme) => ask(scheme, GET, '/a', HOST), OK],
  ['no authority', (scheme) => ask(scheme, GET, '/a'), OK],
  ['a host', (scheme) => ask(scheme, GET, '/a', ['host', 'other']), OK],
  ['a query', (scheme) => ask(scheme, GET, '/a?b=c&d=%20e', HOST), OK],
  ['an empty query', (scheme) => ask(scheme, GET, '/a?', HOST), OK],
  ['a route', (scheme) => ask(scheme, GET, '/users/4711/orders?x=1', HOST), OK],
  ['a user agent', (scheme) => ask(scheme, GET, '/', HOST, ['user-agent', 'curl/8 (x)']), OK],
  ['a parent', (scheme) => ask(scheme, GET, '/', ['traceparent', TRACEPARENT]), OK],
  ['DELETE', (scheme) => ask(scheme, [':method', 'DELETE'], '/a', HOST), status('204')],
  ['HEAD', (scheme) => ask(scheme, [':method', 'HEAD'], '/a', HOST), said.ok(1)],
  ['an empty body', (scheme) => ask(scheme, 3, '/a', ['content-length', '0']), OK],
  ['not found', (scheme) => ask(scheme, GET, '/a', HOST), status('404')],
  ['an error', (scheme) => ask(scheme, GET, '/a', HOST), status('503')],
  [
    'a body of no length, trailers',
    (scheme) =>
      said.all(
        said.headers(1, said.block(3, scheme, [':path', '/p'], HOST)),
        said.data(1, 'hello'),
      ),
    said.all(
      OK.subarray(0, -11),
      said.data(1, 'hi', false),
      said.headers(1, said.block(['x', '9']), said.END),
    ),
  ],
  [
    'an interim response',
    (scheme) => ask(scheme, GET, '/a', HOST),
    said.all(said.headers(1, said.block([':status', '103'])), OK),
  ],
  [
    'a server that is asked for whom',
    (scheme) => ask(scheme, GET, '/', ['forwarded', 'for=b']),
    OK,
  ],
]

describe('a plain call gives the span that any other way gives', () => {
  for (const [name, request, response] of plain) {
    for (const [i, connection] of CONNECTIONS.entries()) {
      test(`${name}, ${connection.role} ${i}`, () => {
        const turns = [[request(schemeOf(connection)), response]] as const
        const want = play(turns, connection, false)
        const got = play(turns, connection, true)
        assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
        assert.deepEqual([got.spans.length, got.plain, got.counts], [1, 1, {}])
      })
    }
  }

  const orders: [name: string, order: typeof plain][] = [
    ['with other texts each time', [...plain, ...[...plain].reverse()]],
    ['each again and again', plain.flatMap((one) => [one, one, one, one])],
  ]
  for (const [name, some] of orders)
    test(`one after the other, ${name}`, () => {
      const turns = some.map(
        ([, request, response], i): Turn => [
          said.withStream(request(schemeOf(CLIENT)), 2 * i + 1),
          said.withStream(response, 2 * i + 1),
        ],
      )
      const want = play(turns, CLIENT, false)
      const got = play(turns, CLIENT, true)
      assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
      assert.deepEqual([got.spans.length, got.plain], [turns.length, turns.length])
      const ids = got.spans.map(({ spanId }) => spanId)
      assert.equal(new Set(ids).size, turns.length)
    })
})

describe('a call that was seen in part says so in place, too', () => {
  const adopted = { ...SERVER, adopted: true }
  const get = ask(6, GET, '/a', HOST)
  const unknown = said.headers(1, said.block(GET, 6, [':path', '/a'], 62), said.END)
  const cases: [reason: string, connection: Connection, turn: Turn][] = [
    ['http2_gap', SERVER, [get, OK, 100]],
    ['http2_fields_unknown', adopted, [unknown, OK]],
  ]
  for (const [reason, connection, turn] of cases) {
    test(reason, () => {
      const want = play([turn], connection, false)
      const got = play([turn], connection, true)
      assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
      assert.deepEqual([got.spans.length, got.plain, got.counts], [1, 1, want.counts])
      const partial = got.spans[0]?.attributes.find(({ key }) => key === 'weir.partial')
      assert.deepEqual(partial?.value, { kind: 'string', value: reason })
    })
  }
})

const HTTP = 6
const unusual: [name: string, request: Buffer, response: Buffer, options?: Partial<HttpOptions>][] =
  [
    ['another scheme than its connection', ask(7, GET, '/a', HOST), OK],
    ['an unknown method', ask(HTTP, [':method', 'PURGE'], '/a', HOST), OK],
    ['asterisk form', ask(HTTP, [':method', 'OPTIONS'], '*', HOST), OK],
    ['a path that is not ASCII', ask(HTTP, GET, '/\xe4', HOST), OK],
    ['a blank in the path', ask(HTTP, GET, '/a b', HOST), OK],
    ['a user agent that is not ASCII', ask(HTTP, GET, '/', ['user-agent', '\xe4']), OK],
    ['a secret in the query', ask(HTTP, GET, '/?b=c&Sig=x', HOST), OK],
    [
      'two parents',
      ask(HTTP, GET, '/', ['traceparent', TRACEPARENT], ['traceparent', TRACEPARENT]),
      OK,
    ],
    ['a void parent', ask(HTTP, GET, '/', ['traceparent', '00-x']), OK],
    ['trace state', ask(HTTP, GET, '/', ['traceparent', TRACEPARENT], ['tracestate', 'a=1']), OK],
    ['B3', ask(HTTP, GET, '/', ['b3', '0']), OK],
    [
      'a parent that is not sampled',
      ask(HTTP, GET, '/', ['traceparent', `${TRACEPARENT.slice(0, -1)}0`]),
      OK,
    ],
    ['a POST that is like an export', ask(HTTP, 3, '/posts', HOST), OK],
    ['a stream that was reset', ask(HTTP, GET, '/a', HOST), said.reset(1, 8)],
    ['content where there is none', ask(HTTP, [':method', 'HEAD'], '/', HOST), OK],
    [
      'forwarded, and believed',
      ask(HTTP, GET, '/', ['forwarded', 'for=b']),
      OK,
      { trustForwarded: true },
    ],
    [
      'another sampler',
      ask(HTTP, GET, '/a', HOST),
      OK,
      { sample: samplerByName('always_on', '') ?? HTTP1_DEFAULTS.sample },
    ],
  ]

describe('what is unusual goes the long way', () => {
  for (const [name, request, response, options] of unusual) {
    test(name, () => {
      const want = play([[request, response]], SERVER, false, options)
      const got = play([[request, response]], SERVER, true, options)
      assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
      assert.deepEqual([got.plain, got.counts], [0, want.counts])
    })
  }
})
