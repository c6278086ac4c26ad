import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Connection } from '../../protocol.ts'
import { samplerByName } from '../../trace_context/sampling.ts'
import type { HttpOptions } from './emit.ts'
import { HTTP1_DEFAULTS } from './protocol.ts'
import { play, SERVER, withoutChance } from './testing/in_place.ts'

const CLIENT: Connection = { ...SERVER, role: 'client', localPort: 40_001, peerPort: 9090 }
const UNKNOWN: Connection = { ...SERVER, localAddress: '', peerAddress: '', peerPort: 0 }
const CONNECTIONS: readonly Connection[] = [
  SERVER,
  CLIENT,
  { ...SERVER, tls: true },
  { ...CLIENT, tls: true },
  UNKNOWN,
  { ...UNKNOWN, role: 'client' },
]

const head = (first: string, ...lines: string[]) => `${[first, ...lines].join('\r\n')}\r\n\r\n`
const get = (...lines: string[]) => head('GET /a HTTP/1.1', 'Host: shop:8080', ...lines)
const OK = `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}hi`
const NONE = head('HTTP/1.1 204 No Content')
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const plain: [name: string, request: string, response: string][] = [
  ['a GET', get(), OK],
  ['no Host', head('GET /a HTTP/1.1'), OK],
  ['HTTP/1.0', head('GET /a HTTP/1.0'), head('HTTP/1.0 200 OK', 'Content-Length: 0')],
  ['an empty Host', head('GET / HTTP/1.1', 'Host:'), OK],
  ['an IPv6 Host', head('GET / HTTP/1.1', 'host:  [::1]:81 '), OK],
  ["the scheme's port", head('GET / HTTP/1.1', 'Host: a:80'), OK],
  ['a user agent', get('User-Agent: curl/8 (x; y)'), OK],
  ['a query', head('GET /a?b=c&d=%20e HTTP/1.1', 'Host: a'), OK],
  ['a route', head('GET /users/4711/orders?x=1 HTTP/1.1', 'Host: a'), OK],
  ['the root', head('GET / HTTP/1.1', 'Host: a'), OK],
  ['an empty query', head('GET /a? HTTP/1.1', 'Host: a'), OK],
  ['a long path', head(`GET /${'p'.repeat(500)}?q=${'v'.repeat(200)} HTTP/1.1`, 'Host: a'), OK],
  ['a parent', get(`traceparent: ${TRACEPARENT}`), OK],
  ['a parent with unknown flags', get(`TraceParent: ${TRACEPARENT.slice(0, -2)}f3`), OK],
  ['a body', `${head('POST /a HTTP/1.1', 'Content-Length: 3')}abc`, OK],
  ['an empty body', head('PUT /a HTTP/1.1', 'Content-Length: 0'), OK],
  [
    'a body beyond the capture',
    head('POST / HTTP/1.1', 'Content-Length: 3000') + 'x'.repeat(3000),
    OK,
  ],
  ['HEAD', head('HEAD / HTTP/1.1'), head('HTTP/1.1 200 OK', 'Content-Length: 99')],
  ['no content', get(), NONE],
  ['not modified', get(), head('HTTP/1.1 304 Not Modified', 'Content-Length: 9')],
  ['a redirection', get(), head('HTTP/1.1 301 Moved', 'Location: /b', 'Content-Length: 0')],
  ['not found', get(), head('HTTP/1.1 404 Not Found', 'Content-Length: 0')],
  ['an error', get(), head('HTTP/1.1 503 Busy', 'Content-Length: 0', 'Connection: close')],
  ['a status that nobody knows', get(), head('HTTP/1.1 799 What', 'Content-Length: 0')],
  ['no reason phrase', get(), head('HTTP/1.1 200', 'Content-Length: 0')],
  ['a large answer', get(), head('HTTP/1.1 200 OK', 'Content-Length: 70000') + 'x'.repeat(70_000)],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a line without a colon', get('nonsense'), head('HTTP/1.1 200 OK', 'x', 'Content-Length: 0')],
  ['forwarded, and nobody asks', get('Forwarded: for=1.2.3.4', 'X-Forwarded-For: 1.2.3.4'), OK],
  ['headers that begin like others', get('Hosts: b', 'B3x: 1', 'Upgrade-Insecure-Requests: 1'), OK],
]

describe('a plain exchange gives the span that any other way gives', () => {
  for (const [name, request, response] of plain) {
    for (const [i, connection] of CONNECTIONS.entries()) {
      test(`${name}, ${connection.role} ${i}`, () => {
        const want = play([[request, response]], connection, false)
        const got = play([[request, response]], connection, true)
        assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
        assert.deepEqual([got.spans.length, got.plain, got.counts], [1, 1, {}])
      })
    }
  }

  for (const [name, request, response] of plain) {
    const bodyAt = response.lastIndexOf('\n') + 1
    if (bodyAt === response.length) continue
    for (const [i, cuts] of [[bodyAt], [bodyAt + 1], [bodyAt, bodyAt + 1]].entries()) {
      test(`${name}, answered by several calls, ${i}`, () => {
        const calls = [0, ...cuts].map((from, n) => response.slice(from, cuts[n]))
        const twice = [
          [request, ...calls],
          [request, ...calls],
        ] as const
        const want = play(twice, SERVER, false)
        const got = play(twice, SERVER, true)
        assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
        assert.deepEqual([got.spans.length, got.plain, got.counts], [2, 2, {}])
      })
    }
  }

  test('one after the other, with other hosts and user agents each time', () => {
    const some = plain.map(([, request, response]) => [request, response] as const)
    const exchanges = [...some, ...[...some].reverse()]
    const want = play(exchanges, CLIENT, false)
    const got = play(exchanges, CLIENT, true)
    assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
    assert.deepEqual([got.spans.length, got.plain], [exchanges.length, exchanges.length])
  })

  test('a route that is ignored gives none, counted', () => {
    const { spans, counts } = play([[head('GET /ignored?x HTTP/1.1'), OK]], SERVER, true)
    assert.deepEqual([spans.length, counts], [0, { route_ignored: 1 }])
  })

  test('routes are learned alike', () => {
    const exchanges = Array.from(
      { length: 300 },
      (_, i) => [head(`GET /users/u${i % 40}/${i % 3 ? 'a' : i} HTTP/1.1`, 'Host: a'), OK] as const,
    )
    const want = play(exchanges, SERVER, false)
    const got = play(exchanges, SERVER, true)
    assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
    assert.equal(got.plain, exchanges.length)
  })

  test('addresses that become known later are in the next span', () => {
    const playLate = (inPlace: boolean) => {
      const connection = { ...UNKNOWN }
      const twice = [0, 1].map(() => [get(), OK] as const)
      return play(twice, connection, inPlace, {}, () => Object.assign(connection, SERVER))
    }
    const [got, want] = [playLate(true), playLate(false)]
    assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
    assert.notDeepEqual(got.spans[0]?.attributes, got.spans[1]?.attributes)
  })
})

const unusual: [name: string, request: string, response: string, options?: Partial<HttpOptions>][] =
  [
    ['two hosts', get('Host: b'), OK],
    ['two parents', get(`traceparent: ${TRACEPARENT}`, `traceparent: ${TRACEPARENT}`), OK],
    ['a void parent', get('traceparent: 00-x'), OK],
    ['a parent of a later version', get(`traceparent: 01${TRACEPARENT.slice(2)}`), OK],
    [
      'a parent id of zeros',
      get(`traceparent: ${TRACEPARENT.replace(/b7\w+/, '0'.repeat(16))}`),
      OK,
    ],
    ['a parent that is not sampled', get(`traceparent: ${TRACEPARENT.slice(0, -2)}00`), OK],
    ['trace state', get(`traceparent: ${TRACEPARENT}`, 'tracestate: a=1'), OK],
    ['B3', get('b3: 0'), OK],
    ['B3 in several headers', get('X-B3-Sampled: 0'), OK],
    ['a secret in the query', head('GET /?b=c&Sig=x HTTP/1.1', 'Host: a'), OK],
    ['an encoded key', head('GET /?s%69g=x HTTP/1.1', 'Host: a'), OK],
    ['an unknown method', head('PURGE / HTTP/1.1', 'Host: a'), OK],
    ['absolute form', head('GET http://b/x HTTP/1.1', 'Host: b'), OK],
    ['asterisk form', head('OPTIONS * HTTP/1.1', 'Host: a'), OK],
    ['a path that is not ASCII', head('GET /\xe4 HTTP/1.1', 'Host: a'), OK],
    ['a user agent that is not ASCII', get('User-Agent: \xe4'), OK],
    ['an empty line in front', `\r\n${get()}`, OK],
    [
      'a chunked answer',
      get(),
      `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    [
      'two lengths',
      get(),
      `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 2')}hi`,
    ],
    ['a length that is none', get(), head('HTTP/1.1 204 OK', 'Content-Length: x')],
    ['other connection options', get(), head('HTTP/1.1 204 OK', 'Connection: keep-alive, x')],
    [
      'an OTLP export',
      head('POST /v1/traces HTTP/1.1', 'Content-Length: 0', 'Content-Type: application/json'),
      OK,
    ],
    ['a POST that is like one', head('POST /posts HTTP/1.1', 'Content-Length: 0'), OK],
    ['forwarded, and believed', get('X-Forwarded-For: 1.2.3.4'), OK, { trustForwarded: true }],
    [
      'another sampler',
      get(),
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
