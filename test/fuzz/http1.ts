import assert from 'node:assert/strict'
import type { Span } from '../../pipeline/data/traces.ts'
import type { Direction, EndReason } from '../../receivers/ebpf/protocol.ts'
import { HTTP1_DEFAULTS, http1 } from '../../receivers/ebpf/protocols/http1/protocol.ts'
import { HTTP1_REASONS } from '../../receivers/ebpf/protocols/http1/reasons.ts'
import { NO_SERVICES } from '../../receivers/ebpf/testing.ts'
import { mutate, type Random } from './random.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const REQUESTS = [
  latin1('GET /a?b=c&sig=d HTTP/1.1\r\nHost: a:80\r\nUser-Agent: x\r\n\r\n'),
  latin1(
    `GET http://u:p@b/x HTTP/1.1\r\ntraceparent: ${TRACEPARENT}\r\ntracestate: a=1,b=2\r\n\r\n`,
  ),
  latin1('POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello'),
  latin1('PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
  latin1(
    'POST /a.B/C HTTP/1.1\r\nContent-Type: application/grpc-web\r\nContent-Length: 6\r\n\r\n\0\0\0\0\x01x',
  ),
  latin1('CONNECT a:443 HTTP/1.1\r\nb3: 0\r\n\r\n'),
  latin1(
    'HEAD * HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4, [::1]:5\r\nForwarded: for="[::1]:1"\r\n\r\n',
  ),
] as const
const RESPONSES = [
  latin1('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  latin1('HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n'),
  latin1(
    'HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web\r\nContent-Length: 21\r\n\r\n\x80\0\0\0\x10grpc-status: 12\r\n',
  ),
  latin1(
    'HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web-text\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nAAAAAAMKAWE=\r\n20\r\ngAAAABBncnBjLXN0YXR1czogMA0K\r\n0\r\n\r\n',
  ),
  latin1('HTTP/1.0 404 Not Found\r\n\r\nto the end'),
  latin1('HTTP/1.1 100 Continue\r\n\r\n'),
  latin1('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
  latin1(`HTTP/1.1 500 X\r\nX: ${'y'.repeat(300)}\r\nContent-Length: 1\r\n\r\nz`),
] as const
const ENDS: readonly [EndReason, ...EndReason[]] = ['in', 'out', 'closed', 'reset', 'evicted']
const STEPS = 40

const KNOWN = new Set([...Object.keys(HTTP1_REASONS), 'otlp_export', 'protocol_unknown'])

/**
 * One connection's life of records that no kernel would send: lengths, positions, times, order, bytes and ends are all at
 * random, around valid ones. No throw, no span without a request, no attribute without a value, no reason without a name.
 */
export function fuzzHttp1(from: Random): void {
  let requests = 0
  const position = { request: 0, response: 0 }
  let ns = 0
  const stream = http1({ ...HTTP1_DEFAULTS, trustForwarded: from.chance(2) })(
    {
      id: 1,
      role: from.pick(['server', 'client']),
      tls: from.chance(2),
      protocol: 1,
      adopted: from.chance(4),
      localAddress: from.pick(['10.0.0.1', '::1', '']),
      localPort: from.below(65_536),
      peerAddress: '10.0.0.2',
      peerPort: from.below(65_536),
    },
    {
      emit: (span) => {
        requests--
        checkSpan(span)
      },
      count: (reason, n = 1) => assert.ok(KNOWN.has(reason) && n >= 0, reason),
      verdict: () => undefined,
      ...NO_SERVICES,
      unixTime: (at) => [Math.floor(at / 1e9), at % 1e9],
    },
  )
  for (let step = from.below(STEPS); step > 0; step--) {
    const direction: Direction = from.chance(2) ? 'request' : 'response'
    ns += from.below(from.chance(5) ? 2e9 : 1e6)
    if (from.chance(12)) {
      stream.end(from.pick(ENDS), ns)
    } else if (from.chance(4) || (stream.awaitsProgress && from.chance(2))) {
      const bytes = from.below(2000)
      const start = Math.max(0, position[direction] - from.below(500))
      const tail = mutate(from, latin1('\r\n0\r\n\r\n')).subarray(-8)
      const run = { direction, position: start, bytes, lastNs: ns - from.below(1e8), tail }
      stream.progress({ ...run, inOrder: from.chance(2) }, ns)
    } else {
      const whole = mutate(from, from.pick(direction === 'request' ? REQUESTS : RESPONSES))
      const data = whole.subarray(0, from.chance(3) ? from.below(whole.length + 1) : whole.length)
      const bytes = whole.length + (from.chance(6) ? from.below(3000) : 0)
      const jump = from.chance(10) ? from.below(400) - 200 : 0
      const at = Math.max(0, position[direction] + jump)
      const tail = whole.subarray(-8)
      // Each call's bytes begin at most so many requests: a line of one takes 14.
      if (direction === 'request') requests += 1 + Math.ceil(data.length / 14)
      stream.chunk({ direction, position: at, bytes, data, tail, firstNs: ns, lastNs: ns, tgid: 1 })
      position[direction] = at + bytes
    }
  }
  stream.end('closed', ns)
  assert.equal(stream.awaitsProgress, false)
  assert.ok(requests >= 0, 'more spans than requests')
}

/** What holds for any span, whatever it was made of. */
export function checkSpan(span: Span): void {
  assert.match(span.traceId, /^[0-9a-f]{32}$/)
  assert.match(span.spanId, /^[0-9a-f]{16}$/)
  assert.ok(
    span.end[0] > span.start[0] || (span.end[0] === span.start[0] && span.end[1] >= span.start[1]),
  )
  const keys = span.attributes.map(({ key }) => key)
  assert.equal(new Set(keys).size, keys.length, `an attribute twice: ${keys}`)
  for (const { key, value } of span.attributes) {
    for (const one of value.kind === 'array' ? value.value : [value]) {
      if (one.kind === 'int')
        assert.ok(Number.isSafeInteger(one.value) && Number(one.value) >= 0, key)
      else assert.ok(one.kind === 'bool' || (one.kind === 'string' && one.value !== ''), key)
    }
  }
}
