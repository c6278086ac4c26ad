import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import zlib from 'node:zlib'
import { SpanKind } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { gate, later, testContext } from '../../test/support/context.ts'
import { points, records, spans } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { OtlpServer } from './otlp.ts'
import { takeInto } from './take.ts'
import { httpReceiver, JSON_TYPE, resourcesOf } from './testing.ts'

describe('otlp over HTTP', () => {
  const encodings: [name: string, encode: (bytes: Uint8Array) => Uint8Array][] = [
    ['gzip', zlib.gzipSync],
    ['zstd', zlib.zstdCompressSync],
    ['deflate', zlib.deflateSync],
    ['zlib', zlib.deflateSync],
  ]
  for (const [name, encode] of encodings) {
    test(`takes protobuf with ${name}`, async (t) => {
      const { post, received } = await httpReceiver(t)
      const body = encode(spans(3).toProtobuf())
      const answer = await post('/v1/traces', body, { 'content-encoding': name })
      assert.equal(answer.status, 200)
      assert.deepEqual(resourcesOf(received[0]?.batch), spans(3).resources())
    })
  }

  test('hands untouched bytes on, and answers with an empty message', async (t) => {
    const { post, received } = await httpReceiver(t)
    const answer = await post('/v1/traces', spans(2).toProtobuf())
    assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
    assert.equal((await answer.arrayBuffer()).byteLength, 0)
    assert.deepEqual(
      Buffer.from(received[0]?.batch.toProtobuf() ?? []),
      Buffer.from(spans(2).toProtobuf()),
    )
  })

  test('takes JSON of every signal, and answers with {}', async (t) => {
    const { post, received } = await httpReceiver(t, {}, { metrics: true })
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
    const { url, received } = await httpReceiver(t)
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
    const { post, received } = await httpReceiver(t)
    assert.equal((await post('/v1/traces', new Uint8Array())).status, 200)
    assert.equal((await post('/v1/traces', '{}', JSON_TYPE)).status, 200)
    assert.deepEqual(received, [])
  })

  test('metadata goes along only if asked for', async (t) => {
    for (const include_metadata of [false, true]) {
      const { post, received } = await httpReceiver(t, { include_metadata })
      await post('/v1/traces', spans(1).toProtobuf(), { Tenant: 'acme' })
      const { client } = received[0]?.info ?? {}
      assert.equal(client?.address, '127.0.0.1')
      assert.deepEqual(client?.metadata.get('tenant'), include_metadata ? ['acme'] : undefined)
    }
  })

  test('its paths and response headers can be set', async (t) => {
    const http = { traces_url_path: 'my/traces', response_headers: { 'X-Agent': 'weir' } }
    const { post } = await httpReceiver(t, http)
    const answer = await post('/my/traces', spans(1).toProtobuf())
    assert.deepEqual([answer.status, answer.headers.get('x-agent')], [200, 'weir'])
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
    const { url } = await httpReceiver(t, http)
    const answer = await preflight(url, 'https://www.shop.example')
    assert.equal(answer.status, 204)
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://www.shop.example')
    assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type')
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true')
    assert.equal(answer.headers.get('access-control-max-age'), '600')
  })

  test('another origin, or another header, may not', async (t) => {
    const { url } = await httpReceiver(t, http)
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
    const { post, received, stop } = await httpReceiver(t, {}, { consume })
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
    const { server } = await httpReceiver(t)
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
