import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Span, SpanKind, StatusCode } from '../../../../pipeline/data/traces.ts'
import type { Connection, EndReason } from '../../protocol.ts'
import { NO_SERVICES } from '../../testing.ts'
import { KernelModel } from '../testing/kernel_model.ts'
import type { HttpOptions } from './emit.ts'
import { HTTP1_DEFAULTS, http1 } from './protocol.ts'

const SERVER: Connection = {
  id: 7,
  role: 'server',
  tls: false,
  protocol: 1,
  adopted: false,
  localAddress: '10.0.0.1',
  localPort: 8080,
  peerAddress: '10.0.0.2',
  peerPort: 40_000,
}
const CLIENT: Connection = { ...SERVER, role: 'client', localPort: 40_001, peerPort: 9090 }
const MS = 1e6

interface Options {
  readonly connection?: Connection
  readonly options?: Partial<HttpOptions>
  readonly end?: EndReason
}

function exchange(
  request: string,
  response: string,
  { connection = SERVER, options, end }: Options = {},
) {
  const spans: Span[] = []
  const counts: Record<string, number> = {}
  const stream = http1({ ...HTTP1_DEFAULTS, ...options })(connection, {
    emit: (span, tgid) => {
      assert.equal(tgid, 1)
      spans.push(span)
    },
    count: (reason, n = 1) => {
      counts[reason] = (counts[reason] ?? 0) + n
    },
    verdict: () => undefined,
    ...NO_SERVICES,
    unixTime: (ns) => [1_700_000_000 + Math.floor(ns / 1e9), ns % 1e9],
  })
  const kernel = new KernelModel(connection.role, stream, 'kernel')
  kernel.call('request', Buffer.from(request, 'latin1'), 5 * MS)
  if (response !== '') kernel.call('response', Buffer.from(response, 'latin1'), 9 * MS)
  if (end !== undefined) kernel.end(end, 12 * MS)
  return { span: spans[0], spans, counts }
}

function attributes(span: Span | undefined): Record<string, string | number> {
  const pairs = (span?.attributes ?? []).map(({ key, value }) => {
    assert.ok(value.kind === 'string' || value.kind === 'int', key)
    return [key, Number.isInteger(value.value) ? Number(value.value) : String(value.value)]
  })
  return Object.fromEntries(pairs)
}

const GET = 'GET /a?b=c&sig=x HTTP/1.1\r\nHost: shop:8080\r\nUser-Agent: curl/8\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'
const status = (code: number) => `HTTP/1.1 ${code} X\r\nContent-Length: 0\r\n\r\n`
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const withHeaders = (...lines: string[]) =>
  `GET / HTTP/1.1\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n`

describe('http1 spans', () => {
  test('a server span has all that the conventions ask for', () => {
    const { span } = exchange(GET, OK)
    assert.deepEqual(attributes(span), {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/a',
      'url.query': 'b=c&sig=REDACTED',
      'server.address': 'shop',
      'server.port': 8080,
      'client.address': '10.0.0.2',
      'network.peer.address': '10.0.0.2',
      'network.peer.port': 40_000,
      'network.protocol.version': '1.1',
      'user_agent.original': 'curl/8',
      'http.response.status_code': 200,
      'http.response.body.size': 2,
    })
    assert.equal(span?.name, 'GET')
    assert.equal(span?.kind, SpanKind.server)
    assert.deepEqual(span?.start, [1_700_000_000, 5 * MS])
    assert.deepEqual(span?.end, [1_700_000_000, 9 * MS])
    assert.deepEqual(span?.status, { code: StatusCode.unset, message: '' })
    assert.equal(span?.parentSpanId, '')
  })

  test('a client span has all that the conventions ask for', () => {
    const { span } = exchange(GET, OK, { connection: CLIENT })
    assert.deepEqual(attributes(span), {
      'http.request.method': 'GET',
      'url.full': 'http://shop:8080/a?b=c&sig=REDACTED',
      'server.address': 'shop',
      'server.port': 8080,
      'network.peer.address': '10.0.0.2',
      'network.peer.port': 9090,
      'network.protocol.version': '1.1',
      'user_agent.original': 'curl/8',
      'http.response.status_code': 200,
      'http.response.body.size': 2,
    })
    assert.equal(span?.kind, SpanKind.client)
  })

  const fulls: [name: string, request: string, tls: boolean, want: string][] = [
    ['the default port is left out', 'GET /x HTTP/1.1\r\nHost: a:80\r\n\r\n', false, 'http://a/x'],
    ['TLS', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', true, 'https://a/x'],
    ['another port', 'GET /x HTTP/1.1\r\nHost: a:80\r\n\r\n', true, 'https://a:80/x'],
    ['no Host: the peer', 'GET /x HTTP/1.0\r\n\r\n', false, 'http://10.0.0.2:9090/x'],
    ['IPv6', 'GET /x HTTP/1.1\r\nHost: [::1]:81\r\n\r\n', false, 'http://[::1]:81/x'],
    [
      'by a proxy, without credentials',
      'GET http://u:p@b/x HTTP/1.1\r\nHost: b\r\n\r\n',
      false,
      'http://b/x',
    ],
    ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', false, 'http://a'],
  ]
  for (const [name, request, tls, want] of fulls) {
    test(`url.full: ${name}`, () => {
      const { span } = exchange(request, OK, { connection: { ...CLIENT, tls } })
      assert.equal(attributes(span)['url.full'], want)
    })
  }

  test('a server without Host is named by its own address', () => {
    const got = attributes(exchange('GET / HTTP/1.0\r\n\r\n', OK).span)
    assert.deepEqual([got['server.address'], got['server.port']], ['10.0.0.1', 8080])
    assert.equal(got['network.protocol.version'], '1.0')
  })

  test('addresses that are not known are left out', () => {
    const unknown = { localAddress: '', localPort: 0, peerAddress: '', peerPort: 0 }
    const got = attributes(
      exchange('GET / HTTP/1.0\r\n\r\n', OK, { connection: { ...SERVER, ...unknown } }).span,
    )
    const keys = Object.keys(got).filter((key) => /address|port/.test(key))
    assert.deepEqual(keys, [])
  })

  test('a method that is not known', () => {
    const { span } = exchange('PURGE / HTTP/1.1\r\nHost: a\r\n\r\n', OK)
    const got = attributes(span)
    assert.equal(span?.name, 'HTTP')
    assert.equal(got['http.request.method'], '_OTHER')
    assert.equal(got['http.request.method_original'], 'PURGE')
  })

  const statuses: [code: number, server: string | undefined, client: string | undefined][] = [
    [200, undefined, undefined],
    [302, undefined, undefined],
    [404, undefined, '404'],
    [500, '500', '500'],
    [503, '503', '503'],
  ]
  for (const [code, ...want] of statuses) {
    for (const [i, connection] of [SERVER, CLIENT].entries()) {
      test(`status ${code} of a ${connection.role}`, () => {
        const { span } = exchange(withHeaders(), status(code), { connection })
        assert.equal(attributes(span)['error.type'], want[i])
        const wanted = want[i] === undefined ? StatusCode.unset : StatusCode.error
        assert.equal(span?.status.code, wanted)
      })
    }
  }

  test('a reset before the answer', () => {
    const { span } = exchange(withHeaders(), '', { end: 'reset' })
    assert.equal(attributes(span)['error.type'], 'connection_reset')
    assert.equal(attributes(span)['http.response.status_code'], undefined)
    assert.equal(span?.status.code, StatusCode.error)
    assert.deepEqual(span?.end, [1_700_000_000, 12 * MS])
  })

  test('a connection closed inside the response keeps its status', () => {
    const { span } = exchange(withHeaders(), 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi', {
      end: 'closed',
    })
    const got = attributes(span)
    assert.deepEqual(
      [got['http.response.status_code'], got['error.type']],
      [200, 'connection_closed'],
    )
    assert.equal(got['http.response.body.size'], undefined)
  })

  test('the size of a request body', () => {
    const got = attributes(exchange('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc', OK).span)
    assert.equal(got['http.request.body.size'], 3)
  })

  test('a head beyond the capture is said', () => {
    const got = attributes(exchange(withHeaders(`X: ${'y'.repeat(3000)}`), OK).span)
    assert.equal(got['weir.partial'], 'request_head_truncated')
  })

  test('client.address believes nobody, unless asked to', () => {
    const request = withHeaders('X-Forwarded-For: 1.2.3.4')
    assert.equal(attributes(exchange(request, OK).span)['client.address'], '10.0.0.2')
    const { span } = exchange(request, OK, { options: { trustForwarded: true } })
    assert.equal(attributes(span)['client.address'], '1.2.3.4')
  })
})

describe('http1 trace context', () => {
  test("a server span is the remote span's child", () => {
    const { span } = exchange(withHeaders(`traceparent: ${TRACEPARENT}`, 'tracestate: a=1'), OK)
    assert.equal(span?.traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.equal(span?.parentSpanId, 'b7ad6b7169203331')
    assert.equal(span?.traceState, 'a=1')
    assert.equal(span?.flags, 0x301)
  })

  test('a client span stands beside the one that its request names', () => {
    const { span } = exchange(withHeaders(`traceparent: ${TRACEPARENT}`), OK, {
      connection: CLIENT,
    })
    assert.equal(span?.traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.equal(span?.parentSpanId, 'b7ad6b7169203331')
    assert.notEqual(span?.spanId, 'b7ad6b7169203331')
    assert.equal(span?.flags, 0x001)
  })

  test('without one, a new trace', () => {
    const { span } = exchange(withHeaders(), OK)
    assert.match(span?.traceId ?? '', /^[0-9a-f]{32}$/)
    assert.match(span?.spanId ?? '', /^[0-9a-f]{16}$/)
    assert.equal(span?.flags, 0x003)
  })

  test('an unsampled parent: no span, counted', () => {
    const { spans, counts } = exchange(
      withHeaders(`traceparent: ${TRACEPARENT.slice(0, -2)}00`),
      OK,
    )
    assert.deepEqual([spans.length, counts], [0, { unsampled: 1 }])
  })

  test('an OTLP export: no span, counted', () => {
    const request =
      'POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: 1\r\n\r\nx'
    const { spans, counts } = exchange(request, OK)
    assert.deepEqual([spans.length, counts], [0, { otlp_export: 1 }])
  })
})
