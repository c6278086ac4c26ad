import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { string } from '../../pipeline/data/attributes.ts'
import { traceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { backend } from '../../test/support/http_backend.ts'
import { resourceSpans, span, spans } from '../../test/support/telemetry.ts'
import { sdk } from './factory.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const DIRECT = {
  sending_queue: { enabled: false },
  retry_on_failure: { initial_interval: '1ms', max_interval: '1ms' },
}

async function started(t: TestContext, options: object) {
  const context = testContext('sdk')
  const exporter = sdk.create.traces?.(context.ctx, sdk.schema.parse({ ...DIRECT, ...options }))
  assert(exporter)
  t.after(() => exporter.shutdown(later()))
  await exporter.start()
  return { exporter, ...context }
}

/** A folder in which a package of this one module is installed. */
function installed(t: TestContext, source: string): { directory: string; package: string } {
  const directory = mkdtempSync(join(tmpdir(), 'weir-sdk-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const folder = join(directory, 'node_modules/@shop/exporter')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"name": "@shop/exporter", "main": "main.js"}')
  writeFileSync(join(folder, 'main.js'), source)
  return { directory, package: '@shop/exporter' }
}

const exporterThat = (does: string, made = '') => `exports.ShopExporter = class {
  constructor(options) { this.options = options; ${made} }
  export(spans, done) { ${does} }
  shutdown() { exports.ended = true; return Promise.resolve() }
}`

describe('sdk with @opentelemetry/exporter-zipkin', () => {
  const zipkin = (url: string) => ({
    package: '@opentelemetry/exporter-zipkin',
    directory: ROOT,
    options: { url: `${url}/api/v2/spans` },
    secrets: { statusCodeTagName: 'code' },
  })
  const server = span({ parentSpanId: 'c7ad6b7169203331', status: { code: 2, message: 'no' } })
  const event = { time: [1_700_000_000, 7000] as const, name: 'try', droppedAttributesCount: 0 }
  const client = span({ kind: 3, events: [{ ...event, attributes: [] }] })

  test('sends what Zipkin shows of spans', async (t) => {
    const { received, url } = await backend(t)
    const { exporter, count } = await started(t, zipkin(url))
    await exporter.consume(traceBatch([resourceSpans([server, client])]), {})
    const [first, second] = JSON.parse(String(received[0]?.body)) as Record<string, unknown>[]
    const tags = { 'http.request.method': 'GET', 'http.response.status_code': '200' }
    const common = {
      traceId: server.traceId,
      id: server.spanId,
      name: 'GET /items',
      timestamp: 1_700_000_000_000_000,
      duration: 1240,
      localEndpoint: { serviceName: 'shop' },
    }
    assert.deepEqual(first, {
      ...common,
      parentId: 'c7ad6b7169203331',
      kind: 'SERVER',
      tags: { ...tags, code: 'ERROR', error: 'no', 'service.name': 'shop' },
    })
    assert.deepEqual(second, {
      ...common,
      kind: 'CLIENT',
      tags: { ...tags, 'service.name': 'shop' },
      annotations: [{ timestamp: 1_700_000_000_000_007, value: 'try' }],
    })
    assert.equal(count('sent_spans'), 2)
  })

  test('what the backend refuses is sent again', async (t) => {
    let asked = 0
    const { received, url } = await backend(t, (_, response) => {
      asked += 1
      response.writeHead(asked === 1 ? 503 : 202).end()
    })
    const { exporter, count } = await started(t, zipkin(url))
    await exporter.consume(spans(2), {})
    assert.deepEqual(received[0]?.body, received[1]?.body)
    assert.equal(count('sent_spans'), 2)
  })
})

describe('sdk', () => {
  test('is never in an exporter twice at a time, and ends it', async (t) => {
    const kept = installed(
      t,
      exporterThat(`
        exports.inside = (exports.inside ?? 0) + 1
        exports.most = Math.max(exports.most ?? 0, exports.inside)
        setImmediate(() => { exports.inside -= 1; done({ code: 0 }) })`),
    )
    const { exporter, count } = await started(t, kept)
    await Promise.all([1, 2, 3].map((n) => exporter.consume(spans(n), {})))
    await exporter.shutdown(later())
    const { default: module } = (await import(
      join(kept.directory, 'node_modules/@shop/exporter/main.js')
    )) as { default: { most: number; ended: boolean } }
    assert.deepEqual([module.most, module.ended, count('sent_spans')], [1, true, 6])
  })

  test('an exporter that never answers is given up after the timeout, and the next is heard', async (t) => {
    const source = exporterThat(`if (spans[0].name !== 'lost 0') done({ code: 0 })`)
    const options = { timeout: '20ms', retry_on_failure: { enabled: false } }
    const { exporter, count } = await started(t, { ...installed(t, source), ...options })
    await assert.rejects(exporter.consume(spans(1, 'lost'), {}), /no answer within 0.02s/)
    await exporter.consume(spans(2), {})
    assert.deepEqual([count('send_failed_spans'), count('sent_spans')], [1, 2])
  })

  test('an exporter that throws has lost the batch', async (t) => {
    const kept = installed(t, exporterThat(`throw new Error('no such field')`))
    const { exporter, count } = await started(t, kept)
    await assert.rejects(exporter.consume(spans(1), {}), /no such field/)
    assert.equal(count('send_failed_spans'), 1)
  })

  test('values that the SDK does not have become text', async (t) => {
    const source = exporterThat(`
      const [{ attributes, parentSpanContext, parentSpanId }] = spans
      done({ code: 1, error: new Error(JSON.stringify([attributes, parentSpanContext, parentSpanId])) })`)
    const more = { retry_on_failure: { enabled: false } }
    const { exporter } = await started(t, { ...installed(t, source), ...more })
    const attributes = [
      { key: 'bytes', value: { kind: 'bytes' as const, value: Buffer.from('ab') } },
      { key: 'map', value: { kind: 'kvlist' as const, value: [string('a', 'b')] } },
      { key: 'big', value: { kind: 'int' as const, value: 2n ** 60n } },
    ]
    const batch = traceBatch([resourceSpans([span({ attributes })])])
    await assert.rejects(exporter.consume(batch, {}), ({ message }: Error) => {
      const said = message.slice(message.indexOf('['))
      const want = [{ bytes: 'YWI=', map: '{"a":"b"}', big: 2 ** 60 }, null, null]
      assert.deepEqual(JSON.parse(said), want)
      return true
    })
  })

  type Mistake = [name: string, options: object, says: RegExp]
  const mistakes: Mistake[] = [
    [
      'a package that is not installed',
      { package: '@shop/none', directory: '/nowhere' },
      /"@shop\/none" is not in \/nowhere\/node_modules; run: npm install --prefix \/nowhere @shop\/none/,
    ],
    ['a package without exporter', { package: 'yaml', directory: ROOT }, /has no SpanExporter/],
    [
      'one of several without saying which',
      { package: '@opentelemetry/sdk-trace-base', directory: ROOT },
      /say by export which one: it has .*ConsoleSpanExporter/,
    ],
    [
      'a name that the package does not have',
      { package: '@opentelemetry/exporter-zipkin', directory: ROOT, export: 'Jaeger' },
      /exports no SpanExporter "Jaeger"; it has ZipkinExporter/,
    ],
  ]
  for (const [name, options, says] of mistakes) {
    test(`refuses ${name}`, (t) => assert.rejects(started(t, options), says))
  }

  test('says what the constructor and the module say', async (t) => {
    const refuses = installed(t, exporterThat('', `throw new Error('no url')`))
    await assert.rejects(started(t, refuses), /does not take its options: no url/)
    await assert.rejects(started(t, installed(t, '(')), /cannot be loaded: /)
  })

  const bad: [options: object, says: RegExp][] = [
    [{}, /'package' is required/],
    [{ package: '' }, /package must be specified/],
    [{ package: 'x', options: [1] }, /options must be a map/],
  ]
  for (const [options, says] of bad) {
    test(`refuses ${JSON.stringify(options)}`, () =>
      assert.throws(() => sdk.schema.parse(options), says))
  }
})
