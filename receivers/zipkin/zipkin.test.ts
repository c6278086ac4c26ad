import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { SpanKind as ApiKind, SpanStatusCode } from '@opentelemetry/api'
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { later, testContext } from '../../test/support/context.ts'
import { schema } from './config.ts'
import { Zipkin } from './zipkin.ts'

/** A started receiver, and what it handed on. */
async function started(t: TestContext, options: object = {}, fault?: Error) {
  const received: ResourceSpans[] = []
  const next = {
    consume: (batch: TraceBatch) => {
      if (fault !== undefined) return Promise.reject(fault)
      received.push(...batch.resources())
      return Promise.resolve()
    },
  }
  const context = testContext('zipkin')
  const receiver = new Zipkin(
    context.ctx,
    schema.parse({ endpoint: '127.0.0.1:0', ...options }),
    next,
  )
  await receiver.start()
  t.after(() => receiver.shutdown(later()))
  const url = `http://127.0.0.1:${receiver.port}`
  const post = (path: string, body: string | Uint8Array, headers = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: body as string, headers })
  return { ...context, received, url, post }
}

const texts = (span: Pick<Span, 'attributes'> | undefined) =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, valueText(value)]))

const recorded = (name: string): Buffer => {
  const file = join(import.meta.dirname, '../../../receivers/zipkin/testdata', `${name}.hex`)
  return Buffer.from(readFileSync(file, 'utf8').replaceAll('\n', ''), 'hex')
}

const IDS = { traceId: '0af7651916cd43dd8448eb211c80319c', id: 'b7ad6b7169203331' }
const V2 = { ...IDS, name: 'x', timestamp: 1_700_000_000_000_005, duration: 7 }

describe('zipkin', () => {
  const forms: [file: string, path: string, type: string][] = [
    ['v1_json', '/api/v1/spans', 'application/json'],
    ['v1_thrift', '/api/v1/spans', 'application/x-thrift'],
    ['v2_json', '/api/v2/spans', 'application/json'],
    ['v2_protobuf', '/api/v2/spans', 'application/x-protobuf'],
  ]
  for (const [file, path, type] of forms) {
    test(`takes what py_zipkin wrote as ${file}`, async (t) => {
      const { post, received } = await started(t)
      const answer = await post(path, recorded(file), { 'content-type': type })
      assert.equal(answer.status, 202)
      const [resource, ...more] = received
      assert.deepEqual(more, [])
      assert.equal(texts(resource?.resource)['service.name'], 'shop')
      const span = resource?.scopeSpans[0]?.spans[0]
      assert.deepEqual(
        [span?.traceId, span?.spanId, span?.parentSpanId, span?.name, span?.kind],
        [IDS.traceId, IDS.id, '00f067aa0ba902b7', 'get /items', ApiKind.SERVER + 1],
      )
      assert.deepEqual(
        [span?.start, span?.end],
        [
          [1_700_000_000, 5000],
          [1_700_000_000, 1_245_000],
        ],
      )
      assert.equal(texts(span)['http.status_code'], '200')
      assert.deepEqual(span?.status, { code: 2, message: '' })
      const [event] = span?.events ?? []
      assert.deepEqual([event?.name, event?.time], ['cache miss', [1_700_000_000, 500_000]])
    })
  }

  test("takes spans of OpenTelemetry's exporter, resource and scope in their places", async (t) => {
    const { url, received } = await started(t)
    const exporter = new ZipkinExporter({ url: `${url}/api/v2/spans` })
    const provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'cart', 'host.name': 'node-7' }),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    })
    const span = provider.getTracer('lib', '1.2').startSpan('buy', { kind: ApiKind.CLIENT })
    span.setAttribute('items', 3).setStatus({ code: SpanStatusCode.ERROR }).addEvent('paid').end()
    await provider.forceFlush()
    await provider.shutdown()
    const [resource] = received
    assert.equal(texts(resource?.resource)['service.name'], 'cart')
    assert.equal(texts(resource?.resource)['host.name'], 'node-7')
    const found = resource?.scopeSpans[0]?.spans[0]
    assert.equal(found?.traceId, span.spanContext().traceId)
    assert.deepEqual([found?.name, found?.kind, found?.status.code], ['buy', 3, 2])
    assert.equal(texts(found)['items'], '3')
    assert.equal(found?.events[0]?.name, 'paid')
  })

  test('takes what curl posts, compressed or not', async (t) => {
    const { url, post, received } = await started(t)
    const options = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--data', JSON.stringify([V2])]
    const curl = spawn('curl', [...options, `${url}/api/v2/spans`])
    let said = ''
    curl.stdout.on('data', (part) => {
      said += String(part)
    })
    await new Promise((resolve) => curl.on('close', resolve))
    assert.equal(said, '202')
    const packed = await post('/api/v2/spans', zlib.gzipSync(JSON.stringify([V2])), {
      'content-encoding': 'gzip',
    })
    assert.equal(packed.status, 202)
    assert.equal(received.length, 2)
  })

  test('parse_string_tags makes values of what looks like one', async (t) => {
    const tags = {
      int: '-7',
      double: '1.5',
      bool: 'true',
      text: '1.2.3',
      huge: '99999999999999999999',
    }
    const { post, received } = await started(t, { parse_string_tags: true })
    await post('/api/v2/spans', JSON.stringify([{ ...V2, tags }]))
    const { attributes = [] } = received[0]?.scopeSpans[0]?.spans[0] ?? {}
    assert.deepEqual(
      attributes.map(({ key, value }) => [key, value.kind]),
      [
        ['int', 'int'],
        ['double', 'double'],
        ['bool', 'bool'],
        ['text', 'string'],
        ['huge', 'string'],
      ],
    )
  })

  type Bad = [name: string, path: string, type: string, body: string | Buffer, says: RegExp]
  const bad: Bad[] = [
    ['no JSON', '/api/v2/spans', 'application/json', '[{', /no JSON/],
    ['no list', '/api/v2/spans', 'application/json', '{}', /expected a list/],
    [
      'no trace id',
      '/api/v2/spans',
      'application/json',
      JSON.stringify([{ ...V2, traceId: '' }]),
      /valid traceId required/,
    ],
    [
      'a span id of zeros',
      '/api/v1/spans',
      'application/json',
      JSON.stringify([{ ...V2, id: '0' }]),
      /valid span id required/,
    ],
    [
      'a duration below 0',
      '/api/v2/spans',
      'application/json',
      JSON.stringify([{ ...V2, duration: -1 }]),
      /duration/,
    ],
    [
      'protobuf that is cut',
      '/api/v2/spans',
      'application/x-protobuf',
      recorded('v2_protobuf').subarray(0, 40),
      /no protobuf/,
    ],
  ]
  for (const [name, path, type, body, says] of bad) {
    test(`answers ${name} by 400, counted`, async (t) => {
      const { post, received, count } = await started(t)
      const answer = await post(path, body, { 'content-type': type })
      assert.deepEqual([answer.status, received.length], [400, 0])
      assert.match(await answer.text(), says)
      assert.equal(count('rejected_requests_invalid'), 1)
    })
  }

  test('thrift that is cut anywhere is refused, never misread', async (t) => {
    const { post, received } = await started(t)
    const bytes = recorded('v1_thrift')
    for (let length = 1; length < bytes.length; length += 7) {
      const headers = { 'content-type': 'application/x-thrift' }
      const answer = await post('/api/v1/spans', bytes.subarray(0, length), headers)
      assert.equal(answer.status, 400, `${length} bytes`)
    }
    assert.deepEqual(received, [])
  })

  const faults: [name: string, fault: Error, status: number][] = [
    ['a refusal', new RefusedError('full', { retryAfterMs: 1500 }), 503],
    ['a fault of the pipeline', new Error('broken'), 500],
  ]
  for (const [name, fault, status] of faults) {
    test(`answers ${name} by ${status}`, async (t) => {
      const { post } = await started(t, {}, fault)
      const answer = await post('/api/v2/spans', JSON.stringify([V2]))
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get('retry-after'), status === 503 ? '2' : null)
    })
  }
})
