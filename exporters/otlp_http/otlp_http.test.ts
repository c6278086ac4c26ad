import assert from 'node:assert/strict'
import type http from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { RefusedError } from '../../pipeline/component.ts'
import { later, testContext } from '../../test/support/context.ts'
import { backend } from '../../test/support/http_backend.ts'
import { points, records, spans } from '../../test/support/telemetry.ts'
import { otlpHttp } from './factory.ts'
import { otlpHttpExporter, signalUrl } from './otlp_http.ts'

/** Without a queue or retries, so that `consume` gives the result of the one attempt. */
const DIRECT = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }

async function exporterOf(t: TestContext, config: object) {
  const context = testContext('otlp_http')
  const exporter = otlpHttpExporter(
    context.ctx,
    otlpHttp.schema.parse({ ...DIRECT, ...config }),
    'traces',
  )
  await exporter.start()
  t.after(() => exporter.shutdown(later()))
  return { exporter, ...context }
}

describe('otlp_http', () => {
  const encodings: [compression: string, decode: (body: Buffer) => Buffer][] = [
    ['gzip', zlib.gunzipSync],
    ['deflate', zlib.inflateSync],
    ['zlib', zlib.inflateSync],
    ['zstd', zlib.zstdDecompressSync],
    ['none', (body) => body],
    ['', (body) => body],
  ]
  for (const [compression, decode] of encodings) {
    test(`sends protobuf with compression "${compression}"`, async (t) => {
      const { received, url } = await backend(t)
      const { exporter, count } = await exporterOf(t, { endpoint: url, compression })
      const batch = spans(3)
      await exporter.consume(batch, {})
      const [request] = received
      assert.equal(request?.path, '/v1/traces')
      assert.equal(request?.headers['content-type'], 'application/x-protobuf')
      const named = compression === 'none' || compression === '' ? undefined : compression
      assert.equal(request?.headers['content-encoding'], named)
      assert.deepEqual(decode(request?.body ?? Buffer.alloc(0)), Buffer.from(batch.toProtobuf()))
      assert.equal(count('sent_spans'), 3)
    })
  }

  test('sends JSON', async (t) => {
    const { received, url } = await backend(t)
    const { exporter } = await exporterOf(t, {
      endpoint: url,
      encoding: 'json',
      compression: 'none',
    })
    await exporter.consume(spans(1), {})
    assert.equal(received[0]?.headers['content-type'], 'application/json')
    const [resource] = JSON.parse(String(received[0]?.body)).resourceSpans
    assert.equal(resource.scopeSpans[0].spans[0].traceId, '0af7651916cd43dd8448eb211c80319c')
  })

  test('sends each signal to its own path', async (t) => {
    const { received, url } = await backend(t)
    const config = otlpHttp.schema.parse({
      ...DIRECT,
      endpoint: `${url}/base/`,
      logs_endpoint: `${url}/logs`,
    })
    const moved = otlpHttp.schema.parse({
      ...DIRECT,
      endpoint: url,
      traces_endpoint: `${url}/traces`,
      metrics_endpoint: `${url}/metrics`,
    })
    const metrics = otlpHttpExporter(testContext().ctx, config, 'metrics')
    const logs = otlpHttpExporter(testContext().ctx, config, 'logs')
    await Promise.all([metrics.start(), logs.start()])
    await metrics.consume(points(1), {})
    await logs.consume(records(1), {})
    await Promise.all([metrics.shutdown(later()), logs.shutdown(later())])
    const movedTraces = otlpHttpExporter(testContext().ctx, moved, 'traces')
    const movedMetrics = otlpHttpExporter(testContext().ctx, moved, 'metrics')
    await Promise.all([movedTraces.start(), movedMetrics.start()])
    await movedTraces.consume(spans(1), {})
    await movedMetrics.consume(points(1), {})
    await Promise.all([movedTraces.shutdown(later()), movedMetrics.shutdown(later())])
    assert.deepEqual(
      received.map((one) => one.path),
      ['/base/v1/metrics', '/logs', '/traces', '/metrics'],
    )
  })

  test('own headers win over ours, Host too', async (t) => {
    const { received, url } = await backend(t)
    const headers = { 'User-Agent': 'mine', 'X-Token': 'secret', Host: 'tenant.example' }
    const { exporter } = await exporterOf(t, { endpoint: url, headers })
    await exporter.consume(spans(1), {})
    const got = received[0]?.headers
    assert.deepEqual(
      [got?.['user-agent'], got?.['x-token'], got?.host],
      ['mine', 'secret', 'tenant.example'],
    )
  })

  test('keeps its connection', async (t) => {
    let connections = 0
    const { url, server } = await backend(t)
    server.on('connection', () => connections++)
    const { exporter } = await exporterOf(t, { endpoint: url })
    for (let i = 0; i < 3; i++) await exporter.consume(spans(1), {})
    assert.equal(connections, 1)
  })

  test('replaces a kept connection that the server has closed', async (t) => {
    const { url, server, received } = await backend(t)
    const { exporter } = await exporterOf(t, { endpoint: url })
    await exporter.consume(spans(1), {})
    server.closeAllConnections()
    await exporter.consume(spans(1), {})
    assert.equal(received.length, 2)
  })
})

describe('otlp_http answers', () => {
  type Row = [status: number, headers: http.OutgoingHttpHeaders, retry: boolean, waitMs?: number]
  const rows: Row[] = [
    [400, {}, false],
    [401, {}, false],
    [413, {}, false],
    [500, {}, false],
    [501, { 'retry-after': '3' }, false],
    [301, { location: '/' }, false],
    [429, {}, true],
    [429, { 'retry-after': '7' }, true, 7000],
    [502, { 'retry-after': '7' }, true],
    [503, { 'retry-after': 'soon' }, true],
    [503, { 'retry-after': new Date(0).toUTCString() }, true, 0],
    [504, {}, true],
  ]
  for (const [status, headers, retry, waitMs] of rows) {
    test(`${status} with ${JSON.stringify(headers)}`, async (t) => {
      const { url } = await backend(t, (_request, response) => {
        response.writeHead(status, { ...headers, 'content-type': 'application/json' })
        response.end('{"message":"because"}')
      })
      const { exporter } = await exporterOf(t, { endpoint: url })
      await assert.rejects(exporter.consume(spans(1), {}), (error) => {
        assert(error instanceof Error)
        assert.equal(error instanceof RefusedError, retry)
        assert.equal((error as RefusedError).retryAfterMs, waitMs)
        assert.equal(
          error.message,
          `POST ${url}/v1/traces: responded with HTTP Status Code ${status}, Message=because`,
        )
        return true
      })
    })
  }

  test('an unreachable backend is to be tried again', async (t) => {
    const { url, server } = await backend(t)
    await new Promise((resolve) => server.close(resolve))
    const { exporter } = await exporterOf(t, { endpoint: url })
    await assert.rejects(
      exporter.consume(spans(1), {}),
      (error) => error instanceof RefusedError && error.message.includes('ECONNREFUSED'),
    )
  })

  test('a connection cut before the answer is to be tried again', async (t) => {
    const { url } = await backend(t, (_request, response) => response.destroy())
    const { exporter } = await exporterOf(t, { endpoint: url })
    await assert.rejects(exporter.consume(spans(1), {}), RefusedError)
  })

  test('a backend that never answers is given up after timeout', async (t) => {
    const { url } = await backend(t, () => undefined)
    const { exporter } = await exporterOf(t, { endpoint: url, timeout: '20ms' })
    await assert.rejects(
      exporter.consume(spans(1), {}),
      (error) => error instanceof RefusedError && error.message.includes('timeout'),
    )
  })

  test('what is not HTTP is to be tried again', async (t) => {
    const { url } = await backend(t, (_request, response) => response.socket?.end('hello\r\n\r\n'))
    const { exporter } = await exporterOf(t, { endpoint: url })
    await assert.rejects(exporter.consume(spans(1), {}), RefusedError)
  })

  const partial: [
    name: string,
    type: string,
    body: string | Buffer,
    rejected: number,
    logged: RegExp,
  ][] = [
    [
      'JSON',
      'application/json',
      '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}',
      2,
      /Partial success response\t\{"message":"too old","dropped_spans":2\}/,
    ],
    [
      'protobuf',
      'application/x-protobuf',
      Buffer.from('0a0508021201' + '78', 'hex'),
      2,
      /"message":"x","dropped_spans":2/,
    ],
  ]
  for (const [name, type, body, rejected, logged] of partial) {
    test(`partial success in ${name} is logged and counted`, async (t) => {
      const { url } = await backend(t, (_request, response) => {
        response.writeHead(200, { 'content-type': type }).end(body)
      })
      const { exporter, count, lines } = await exporterOf(t, { endpoint: url })
      await exporter.consume(spans(5), {})
      assert.equal(count('dropped_partial_success'), rejected)
      assert.equal(count('sent_spans'), 5)
      assert.match(lines.join('\n'), logged)
    })
  }

  test('garbage of any length after 200 is a success', async (t) => {
    const { url } = await backend(t, (_request, response) => response.end(Buffer.alloc(300_000, 7)))
    const { exporter, count } = await exporterOf(t, { endpoint: url })
    await exporter.consume(spans(1), {})
    await exporter.consume(spans(1), {})
    assert.equal(count('sent_spans'), 2)
  })
})

describe('otlp_http config', () => {
  const rows: [config: object, error: RegExp][] = [
    [{}, /at least one endpoint must be specified/],
    [
      { endpoint: 'localhost:4318' },
      /begins with http:\/\/ or https:\/\/, as in "http:\/\/localhost:4318"/,
    ],
    [{ endpoint: 'http://a', encoding: 'xml' }, /invalid encoding type: xml/],
    [{ endpoint: 'http://a', compression: 'lz5' }, /unsupported compression type "lz5"/],
    [
      { endpoint: 'http://a', compression_params: { level: 12 } },
      /compression type "gzip": allowed is -2 to 9/,
    ],
    [
      { endpoint: 'http://a', tls: { cert_file: 'a' } },
      /TLS configuration must include both certificate and key/,
    ],
    [{ endpoint: 'http://a', tls: { ca_file: 'a', ca_pem: 'b' } }, /but not both/],
  ]
  for (const [config, error] of rows) {
    test(`refuses ${JSON.stringify(config)}`, () =>
      assert.throws(() => otlpHttp.schema.parse(config), error))
  }

  test('a CA file that is not there stops the start, by name', async () => {
    const config = otlpHttp.schema.parse({
      endpoint: 'https://a',
      tls: { ca_file: '/nowhere.pem' },
    })
    const exporter = otlpHttpExporter(testContext().ctx, config, 'traces')
    await assert.rejects(exporter.start(), /tls::ca_file "\/nowhere\.pem".*ENOENT/)
  })

  test('one slash between the base and the path', () => {
    const url = (endpoint: string) => signalUrl(otlpHttp.schema.parse({ endpoint }), 'traces').href
    assert.equal(url('http://a:4318'), 'http://a:4318/v1/traces')
    assert.equal(url('http://a:4318/'), 'http://a:4318/v1/traces')
  })
})
