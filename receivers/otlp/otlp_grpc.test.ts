import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'
import { type Info, RefusedError } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { Code, retryDelayOf, StatusError } from '../../pipeline/net/grpc_status.ts'
import { snappyFramed } from '../../pipeline/net/snappy.ts'
import { makeCertificates } from '../../test/support/certificates.ts'
import { records, spans } from '../../test/support/telemetry.ts'
import { startReceiver } from './testing.ts'

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
const PROGRAM = fileURLToPath(new URL('../../../test/support/grpc_client.py', import.meta.url))

async function receiverOf(
  t: TestContext,
  grpc: object = {},
  consume?: (batch: Batch<unknown>, info: Info) => Promise<void>,
) {
  const protocols = { grpc: { endpoint: '127.0.0.1:0', ...grpc } }
  const started = await startReceiver(t, protocols, { consume })
  return { ...started, target: `127.0.0.1:${started.server.grpcPort}` }
}

interface Answer {
  readonly code: string
  readonly message?: string
  readonly details?: string
}

/** Calls with Google's library for Python. */
function call(target: string, method: string, message: Uint8Array, ...args: string[]) {
  const child = spawn('/usr/bin/python3', [PROGRAM, target, method, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(message)
  let output = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  return new Promise<Answer>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(JSON.parse(output || '{"code":"no output"}')))
  })
}

describe('otlp over gRPC', () => {
  for (const compression of ['NoCompression', 'Gzip', 'Deflate']) {
    test(`answers a call with ${compression}`, async (t) => {
      const { target, received } = await receiverOf(t)
      const bytes = spans(3000).toProtobuf()
      const answer = await call(target, TRACES, bytes, '--compression', compression)
      // gRPC's own `deflate` is nothing that the Collector takes.
      if (compression === 'Deflate') assert.equal(answer.code, 'UNIMPLEMENTED')
      else {
        assert.equal(answer.code, 'OK')
        assert.deepEqual(Buffer.from(received[0]?.batch.toProtobuf() ?? []), Buffer.from(bytes))
      }
    })
  }

  test('takes several signals on one port, and metadata only if asked for', async (t) => {
    for (const include_metadata of [false, true]) {
      const { target, received } = await receiverOf(t, { include_metadata })
      await call(target, TRACES, spans(1).toProtobuf(), '--header', 'tenant=acme')
      assert.equal((await call(target, LOGS, records(2).toProtobuf())).code, 'OK')
      assert.deepEqual(
        received.map(({ batch }) => [batch.codec.signal, batch.count]),
        [
          ['traces', 1],
          ['logs', 2],
        ],
      )
      const { client } = received[0]?.info ?? {}
      assert.equal(client?.address, '127.0.0.1')
      assert.deepEqual(client?.metadata.get('tenant'), include_metadata ? ['acme'] : undefined)
    }
  })

  test('takes an empty request, and hands nothing on', async (t) => {
    const { target, received } = await receiverOf(t)
    assert.equal((await call(target, TRACES, new Uint8Array())).code, 'OK')
    assert.deepEqual(received, [])
  })

  test('listens on a unix socket', async (t) => {
    const path = join(tmpdir(), `weir-otlp-${process.pid}.sock`)
    const { received } = await receiverOf(t, { endpoint: path, transport: 'unix' })
    assert.equal((await call(`unix:${path}`, TRACES, spans(2).toProtobuf())).code, 'OK')
    assert.equal(received[0]?.batch.count, 2)
  })

  test('with client_ca_file it takes clients with a certificate alone', async (t) => {
    const pem = makeCertificates()
    const tls = { cert_file: pem.serverCert, key_file: pem.serverKey, client_ca_file: pem.ca }
    const { target, received } = await receiverOf(t, { tls })
    const bytes = spans(1).toProtobuf()
    assert.equal((await call(target, TRACES, bytes, '--ca', pem.ca)).code, 'UNAVAILABLE')
    const own = ['--ca', pem.ca, '--cert', pem.clientCert, '--key', pem.clientKey]
    assert.equal((await call(target, TRACES, bytes, ...own)).code, 'OK')
    assert.equal(received.length, 1)
  })
})

describe('otlp over gRPC answers', () => {
  type Row = [name: string, error: Error, code: string, message: string]
  const rows: Row[] = [
    ['a refusal', new RefusedError('busy'), 'UNAVAILABLE', 'busy'],
    ['a permanent error', new Error('no: käse 100%'), 'INTERNAL', 'no: käse 100%'],
    [
      "a backend's own status",
      new RefusedError('later', {
        cause: new StatusError({ code: Code.resourceExhausted, message: 'x' }),
      }),
      'RESOURCE_EXHAUSTED',
      'later',
    ],
  ]
  for (const [name, error, code, message] of rows) {
    test(`${name}: ${code}`, async (t) => {
      const { target } = await receiverOf(t, {}, () => Promise.reject(error))
      const answer = await call(target, TRACES, spans(1).toProtobuf())
      assert.deepEqual([answer.code, answer.message], [code, message])
    })
  }

  test('a wait with a RetryInfo', async (t) => {
    const refusal = new RefusedError('busy', { retryAfterMs: 2500 })
    const { target } = await receiverOf(t, {}, () => Promise.reject(refusal))
    const { code, details } = await call(target, TRACES, spans(1).toProtobuf())
    assert.equal(code, 'UNAVAILABLE')
    assert.equal(retryDelayOf(Buffer.from(details ?? '', 'base64')), 2500)
  })

  const big = spans(30_000).toProtobuf()
  const none = Buffer.alloc(0)
  const garbage = Buffer.from('0aff', 'hex')
  type Refusal = [
    name: string,
    method: string,
    bytes: Uint8Array,
    code: string,
    text: RegExp,
    reason: string,
  ]
  const refusals: Refusal[] = [
    ['garbage', TRACES, garbage, 'INTERNAL', /error unmarshalling request/, 'invalid'],
    ['a signal without pipeline', METRICS, none, 'UNIMPLEMENTED', /unknown service/, 'path'],
    ['another method', `${TRACES}s`, none, 'UNIMPLEMENTED', /method Exports for serv/, 'path'],
    [
      'too much',
      TRACES,
      big,
      'RESOURCE_EXHAUSTED',
      /larger than max \(\d+ vs. 1048576\)/,
      'too_large',
    ],
  ]
  for (const [name, method, bytes, code, text, reason] of refusals) {
    test(`${name}: ${code}, and counts it as ${reason}`, async (t) => {
      const { target, received, count } = await receiverOf(t, { max_recv_msg_size_mib: 1 })
      const answer = await call(target, method, bytes)
      assert.equal(answer.code, code)
      assert.match(answer.message ?? '', text)
      assert.deepEqual(received, [])
      assert.equal(count(`rejected_requests_${reason}`), 1)
    })
  }

  test('a small message that becomes too large: RESOURCE_EXHAUSTED', async (t) => {
    const { target, count } = await receiverOf(t, { max_recv_msg_size_mib: 1 })
    const answer = await call(target, TRACES, big, '--compression', 'Gzip')
    assert.equal(answer.code, 'RESOURCE_EXHAUSTED')
    assert.match(answer.message ?? '', /after decompression larger than max/)
    assert.equal(count('rejected_requests_too_large'), 1)
  })
})

/** One call on a bare HTTP/2 connection. */
async function raw(t: TestContext, target: string, headers: object, body: Buffer) {
  const session = http2.connect(`http://${target}`)
  t.after(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': TRACES,
    'content-type': 'application/grpc',
    ...headers,
  })
  const seen: Record<string, unknown> = {}
  stream.on('response', (head) => Object.assign(seen, head))
  stream.on('trailers', (trailers) => Object.assign(seen, trailers))
  stream.resume().end(body)
  await new Promise((resolve) => stream.on('close', resolve))
  return seen
}

function framed(message: Uint8Array, compressed: number): Buffer {
  const head = Buffer.alloc(5)
  head[0] = compressed
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

describe('otlp over bare HTTP/2', () => {
  const bytes = spans(20).toProtobuf()
  const rows: [
    name: string,
    encoding: string,
    message: Uint8Array,
    compressed: number,
    want: string,
  ][] = [
    ['zstd', 'zstd', zlib.zstdCompressSync(bytes), 1, '0'],
    ['snappy', 'snappy', snappyFramed(bytes), 1, '0'],
    ['a plain message of a compressing client', 'gzip', bytes, 0, '0'],
    ['compressed as identity', 'identity', bytes, 1, '13'],
    ['what is no gzip', 'gzip', bytes, 1, '13'],
    ['an unknown compression', 'br', bytes, 1, '12'],
  ]
  for (const [name, encoding, message, compressed, want] of rows) {
    test(`${name}: status ${want}`, async (t) => {
      const { target } = await receiverOf(t)
      const body = framed(message, compressed)
      const seen = await raw(t, target, { 'grpc-encoding': encoding }, body)
      assert.equal(seen['grpc-status'], want, String(seen['grpc-message']))
    })
  }

  test('another type is HTTP 415', async (t) => {
    const { target } = await receiverOf(t)
    const seen = await raw(t, target, { 'content-type': 'text/plain' }, Buffer.alloc(0))
    assert.equal(seen[':status'], 415)
  })

  test('a call that ends within its message is INTERNAL', async (t) => {
    const { target, received } = await receiverOf(t)
    const seen = await raw(t, target, {}, framed(bytes, 0).subarray(0, 40))
    assert.equal(seen['grpc-status'], '13')
    assert.deepEqual(received, [])
  })

  test('a shutdown waits for the call that runs', async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const { target, stop, received } = await receiverOf(t, {}, () => {
      began.resolve()
      return promise
    })
    const answer = raw(t, target, {}, framed(bytes, 0))
    await began.promise
    const stopped = stop()
    resolve()
    assert.equal((await answer)['grpc-status'], '0')
    await stopped
    assert.equal(received.length, 1)
  })
})
