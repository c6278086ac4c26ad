import assert from 'node:assert/strict'
import net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { SpanKind } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Info, RefusedError } from '../../pipeline/component.ts'
import type { Batch, TraceBatch } from '../../pipeline/data/batch.ts'
import { gate, later, testContext } from '../../test/support/context.ts'
import { points, records, spans } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { OtlpServer } from './otlp.ts'
import { takeInto } from './take.ts'

interface Options {
  readonly http?: object
  readonly consume?: (batch: Batch<unknown>) => Promise<void>
  readonly metrics?: boolean
}

/** A receiver on a free port of loopback, for traces and logs. */
async function receiverOf(t: TestContext, { http = {}, consume, metrics = false }: Options = {}) {
  const context = testContext('otlp')
  const received: { batch: Batch<unknown>; info: Info }[] = []
  const next = {
    async consume(batch: Batch<unknown>, info: Info) {
      await consume?.(batch)
      received.push({ batch, info })
    },
  }
  const config = schema.parse({ protocols: { http: { endpoint: '127.0.0.1:0', ...http } } })
  const server = new OtlpServer(context.ctx, config)
  const receivers = [
    server.receiver('traces', takeInto(context.ctx, tracesCodec, next)),
    server.receiver('logs', takeInto(context.ctx, logsCodec, next)),
    ...(metrics ? [server.receiver('metrics', takeInto(context.ctx, metricsCodec, next))] : []),
  ]
  for (const receiver of receivers) await receiver.start()
  const stop = async (deadline = later()) => {
    for (const receiver of receivers) await receiver.shutdown(deadline)
  }
  t.after(() => stop(AbortSignal.abort()))
  const url = `http://127.0.0.1:${server.httpPort}`
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBufferLike>,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: body as string,
    })
  return { ...context, received, url, post, stop, server }
}

const resourcesOf = (batch: Batch<unknown> | undefined) => (batch as TraceBatch).resources()

const JSON_TYPE = { 'content-type': 'application/json' }

describe('otlp over HTTP', () => {
  const encodings: [name: string, encode: (bytes: Uint8Array) => Uint8Array][] = [
    ['gzip', zlib.gzipSync],
    ['zstd', zlib.zstdCompressSync],
    ['deflate', zlib.deflateSync],
    ['zlib', zlib.deflateSync],
  ]
  for (const [name, encode] of encodings) {
    test(`takes protobuf with ${name}`, async (t) => {
      const { post, received } = await receiverOf(t)
      const body = encode(spans(3).toProtobuf())
      const answer = await post('/v1/traces', body, { 'content-encoding': name })
      assert.equal(answer.status, 200)
      assert.deepEqual(resourcesOf(received[0]?.batch), spans(3).resources())
    })
  }

  test('hands untouched bytes on, and answers with an empty message', async (t) => {
    const { post, received } = await receiverOf(t)
    const answer = await post('/v1/traces', spans(2).toProtobuf())
    assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
    assert.equal((await answer.arrayBuffer()).byteLength, 0)
    assert.deepEqual(
      Buffer.from(received[0]?.batch.toProtobuf() ?? []),
      Buffer.from(spans(2).toProtobuf()),
    )
  })

  test('takes JSON of every signal, and answers with {}', async (t) => {
    const { post, received } = await receiverOf(t, { metrics: true })
    const rows = [
      ['/v1/traces', spans(1).toJson()],
      ['/v1/metrics', points(2).toJson()],
      ['/v1/logs', records(3).toJson()],
    ] as const
    for (const [path, body] of rows) {
      const answer = await post(path, body, { 'content-type': 'application/json; charset=utf-8' })
      assert.deepEqual([answer.status, await answer.text()], [200, '{}'])
    }
    assert.deepEqual(
      received.map((one) => one.batch.count),
      [1, 2, 3],
    )
  })

  test('takes what the official JavaScript SDK sends', async (t) => {
    const { url, received } = await receiverOf(t)
    const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces` })
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    })
    const span = provider.getTracer('shop').startSpan('buy', { kind: SpanKind.SERVER })
    span.setAttribute('items', 3).end()
    await provider.shutdown()
    const [resource] = resourcesOf(received[0]?.batch)
    const one = resource?.scopeSpans[0]?.spans[0]
    assert.equal(one?.traceId, span.spanContext().traceId)
    assert.deepEqual([one?.name, one?.kind], ['buy', 2])
    assert.deepEqual(one?.attributes, [{ key: 'items', value: { kind: 'int', value: 3 } }])
  })

  test('an empty request is a success, and nothing goes on', async (t) => {
    const { post, received } = await receiverOf(t)
    assert.equal((await post('/v1/traces', new Uint8Array())).status, 200)
    assert.equal((await post('/v1/traces', '{}', JSON_TYPE)).status, 200)
    assert.deepEqual(received, [])
  })

  test('metadata goes along only if asked for', async (t) => {
    for (const include_metadata of [false, true]) {
      const { post, received } = await receiverOf(t, { http: { include_metadata } })
      await post('/v1/traces', spans(1).toProtobuf(), { Tenant: 'acme' })
      const { client } = received[0]?.info ?? {}
      assert.equal(client?.address, '127.0.0.1')
      assert.deepEqual(client?.metadata.get('tenant'), include_metadata ? ['acme'] : undefined)
    }
  })

  test('its paths and response headers can be set', async (t) => {
    const http = { traces_url_path: 'my/traces', response_headers: { 'X-Agent': 'weir' } }
    const { post } = await receiverOf(t, { http })
    const answer = await post('/my/traces', spans(1).toProtobuf())
    assert.deepEqual([answer.status, answer.headers.get('x-agent')], [200, 'weir'])
  })
})

describe('otlp over HTTP refuses', () => {
  type Row = [name: string, path: string, init: RequestInit, status: number, text: RegExp]
  const proto = { 'content-type': 'application/x-protobuf' }
  const garbage = new Uint8Array([0x0a, 0xff, 0xff]) as unknown as string
  const rows: Row[] = [
    ['another method', '/v1/traces', {}, 405, /^405 method not allowed, supported: \[POST\]$/],
    [
      'a signal without pipeline',
      '/v1/metrics',
      { method: 'POST', headers: proto, body: '' },
      404,
      /404/,
    ],
    ['another path', '/', { method: 'POST', headers: proto, body: '' }, 404, /404/],
    [
      'another type',
      '/v1/traces',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      415,
      /^415 unsupported media type, supported: \[application\/json, application\/x-protobuf\]$/,
    ],
    ['no type', '/v1/traces', { method: 'POST', body: garbage }, 415, /^415/],
    [
      'an unknown compression, whatever else is wrong',
      '/nowhere',
      { method: 'PUT', headers: { 'content-encoding': 'GZIP' }, body: 'x' },
      400,
      /^unsupported Content-Encoding: GZIP$/,
    ],
    [
      'garbage as protobuf',
      '/v1/traces',
      { method: 'POST', headers: proto, body: garbage },
      400,
      /ends within|varint/,
    ],
    [
      'garbage as JSON',
      '/v1/traces',
      { method: 'POST', headers: JSON_TYPE, body: '{"resourceSpans":5}' },
      400,
      /^\{"code":3,"message":"request\.resourceSpans: expected an array, got 5"\}$/,
    ],
    [
      'what is no gzip',
      '/v1/traces',
      { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'plain' },
      400,
      /request body is no gzip/,
    ],
  ]
  for (const [name, path, init, status, text] of rows) {
    test(`${name}: ${status}`, async (t) => {
      const { url, received } = await receiverOf(t)
      const answer = await fetch(`${url}${path}`, init)
      assert.equal(answer.status, status)
      assert.match(await answer.text(), text)
      assert.deepEqual(received, [])
    })
  }

  const sizes: [
    name: string,
    encode: (bytes: Buffer) => Uint8Array,
    encoding: Record<string, string>,
  ][] = [
    ['a body that is too large', (bytes) => bytes, {}],
    ['a small body that becomes too large', zlib.gzipSync, { 'content-encoding': 'gzip' }],
  ]
  for (const [name, encode, encoding] of sizes) {
    test(`${name}: 400`, async (t) => {
      const { post, received } = await receiverOf(t, { http: { max_request_body_size: 10_000 } })
      const body = encode(Buffer.alloc(200_000, 0x20))
      const answer = await post('/v1/traces', body, { ...JSON_TYPE, ...encoding })
      assert.equal(answer.status, 400)
      assert.match(await answer.text(), /request body too large: allowed are 10000 bytes/)
      assert.deepEqual(received, [])
    })
  }

  test('a plain body, where only gzip is allowed: 400', async (t) => {
    const { post } = await receiverOf(t, { http: { compression_algorithms: ['gzip'] } })
    assert.equal((await post('/v1/traces', spans(1).toProtobuf())).status, 400)
  })

  test('what the pipeline refuses: 503, with the wait it asks for', async (t) => {
    const consume = () => Promise.reject(new RefusedError('full', { retryAfterMs: 1500 }))
    const { post } = await receiverOf(t, { consume })
    const answer = await post('/v1/traces', spans(1).toJson(), JSON_TYPE)
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '2'])
    assert.deepEqual(await answer.json(), { code: 14, message: 'full' })
  })

  test('what the pipeline cannot take at all: 500, as a protobuf Status', async (t) => {
    const { post } = await receiverOf(t, { consume: () => Promise.reject(new Error('no')) })
    const answer = await post('/v1/traces', spans(1).toProtobuf())
    assert.equal(answer.status, 500)
    assert.equal(Buffer.from(await answer.arrayBuffer()).toString('hex'), '080d12026e6f')
  })

  test('requests that are not HTTP, or cut: nothing goes on, and it serves the next', async (t) => {
    const { post, received, server } = await receiverOf(t)
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    for (const text of ['\0\0\0\0\r\n\r\n', `${head}content-length: 1000\r\n\r\n{"res`]) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(server.httpPort, '127.0.0.1', () => socket.end(text))
        socket.on('close', () => resolve())
        socket.on('error', () => resolve())
        socket.resume()
      })
    }
    assert.equal((await post('/v1/traces', spans(1).toProtobuf())).status, 200)
    assert.equal(received.length, 1)
  })
})

describe('otlp and browsers', () => {
  const http = { cors: { allowed_origins: ['https://*.shop.example'], max_age: 600 } }
  const preflight = (url: string, origin: string, headers = 'content-type') =>
    fetch(`${url}/v1/traces`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      },
    })

  test('an allowed origin may send', async (t) => {
    const { url } = await receiverOf(t, { http })
    const answer = await preflight(url, 'https://www.shop.example')
    assert.equal(answer.status, 204)
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://www.shop.example')
    assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type')
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true')
    assert.equal(answer.headers.get('access-control-max-age'), '600')
  })

  test('another origin, or another header, may not', async (t) => {
    const { url } = await receiverOf(t, { http })
    const origin = await preflight(url, 'https://shop.example.evil')
    assert.equal(origin.headers.get('access-control-allow-origin'), null)
    const header = await preflight(url, 'https://www.shop.example', 'x-secret')
    assert.equal(header.headers.get('access-control-allow-headers'), null)
  })
})

describe('otlp lifecycle', () => {
  test('shutdown finishes what runs, and takes nothing more', async (t) => {
    const arrived = gate()
    const slow = gate()
    const consume = () => {
      arrived.open()
      return slow.promise
    }
    const { post, received, stop } = await receiverOf(t, { consume })
    const running = post('/v1/traces', spans(1).toProtobuf())
    await arrived.promise
    const stopped = stop()
    await assert.rejects(post('/v1/traces', spans(1).toProtobuf()))
    slow.open()
    assert.equal((await running).status, 200)
    await stopped
    assert.equal(received.length, 1)
  })

  test('an address that is taken stops the start, in the words of the Collector', async (t) => {
    const { server } = await receiverOf(t)
    const endpoint = `127.0.0.1:${server.httpPort}`
    const config = schema.parse({ protocols: { http: { endpoint } } })
    const { ctx } = testContext()
    const take = takeInto(ctx, tracesCodec, { consume: () => Promise.resolve() })
    const second = new OtlpServer(ctx, config).receiver('traces', take)
    await assert.rejects(second.start(), {
      message: `listen tcp ${endpoint}: bind: address already in use`,
    })
    await second.shutdown(later())
  })
})

describe('otlp config', () => {
  const rows: [config: object, error: RegExp][] = [
    [{ protocols: {} }, /must specify at least one protocol when using the OTLP receiver/],
    [{ protocols: { http: { endpoint: 'nowhere' } } }, /expected host:port, got "nowhere"/],
    [{ protocols: { http: { endpoint: ':99999' } } }, /expected host:port/],
    [{ protocols: { http: { tls: { cert_file: 'a' } } } }, /must include both certificate and key/],
  ]
  for (const [config, error] of rows) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => schema.parse(config), error))
  }
})
