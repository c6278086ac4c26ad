import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { metricBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { EVERY_KIND, edge } from '../../test/support/every_metric.ts'
import { freePort } from '../../test/support/ports.ts'
import { prometheus } from './factory.ts'

const GOLDEN = join(import.meta.dirname, '../../../exporters/prometheus/testdata')
const OPEN = { accept: 'application/openmetrics-text;version=1.0.0' }

/** A started exporter, and what a scrape of it gives. */
async function started(t: TestContext, options: object = {}) {
  const port = await freePort()
  const { ctx, ...seen } = testContext('prometheus')
  const config = prometheus.schema.parse({ endpoint: `127.0.0.1:${port}`, ...options })
  const exporter = prometheus.create.metrics?.(ctx, config)
  assert(exporter)
  await exporter.start()
  t.after(() => exporter.shutdown(later()))
  const get = (path = '/metrics', headers = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers })
  const scrape = async (headers = {}) => (await get('/metrics', headers)).text()
  return { exporter, get, scrape, ...seen }
}

function golden(name: string, text: string): void {
  const file = join(GOLDEN, name)
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'))
}

describe('prometheus', () => {
  const OPTIONS = { namespace: 'weir', const_labels: { region: 'eu' } }
  const forms: [file: string, options: object, headers: object][] = [
    ['classic.txt', {}, {}],
    ['open_metrics.txt', { enable_open_metrics: true }, OPEN],
    ['no_open_metrics.txt', { send_timestamps: true, without_scope_info: true }, OPEN],
    ['resource.txt', { resource_to_telemetry_conversion: { enabled: true } }, {}],
    ['named.txt', { ...OPTIONS, add_metric_suffixes: false }, {}],
    ['untranslated.txt', { ...OPTIONS, translation_strategy: 'NoTranslation' }, {}],
  ]
  for (const [file, options, headers] of forms) {
    test(`shows every kind of metric as ${file}`, async (t) => {
      const { exporter, scrape, count } = await started(t, options)
      await exporter.consume(metricBatch([edge(EVERY_KIND)]), {})
      golden(file, await scrape(headers))
      assert.equal(count('sent_metric_points'), 5)
    })
  }

  test('resource_constant_labels choose among resource attributes', async (t) => {
    const labels = { included: ['host.*', 'service.n*'], excluded: ['*.namespace'] }
    const { exporter, scrape } = await started(t, { resource_constant_labels: labels })
    await exporter.consume(metricBatch([edge(EVERY_KIND.slice(1, 2))]), {})
    assert.match(
      await scrape(),
      /^cpu_utilization_ratio\{host_name="node-7",.*service_name="shop"\}/m,
    )
    assert.doesNotMatch(await scrape(), /service_namespace/)
  })

  test('resource attributes as labels, but for those that job and instance tell', async (t) => {
    const conversion = { enabled: true, exclude_service_attributes: true }
    const options = { resource_to_telemetry_conversion: conversion }
    const { exporter, scrape } = await started(t, options)
    await exporter.consume(metricBatch([edge(EVERY_KIND.slice(1, 2))]), {})
    const line = /^cpu_utilization_ratio\{.*$/m.exec(await scrape())?.[0] ?? ''
    assert.match(line, /host_name="node-7".*job="/)
    assert.doesNotMatch(line, /service_(name|namespace|instance_id)=/)
  })

  test('answers compressed if asked for, and knows one page', async (t) => {
    const { exporter, get } = await started(t)
    await exporter.consume(metricBatch([edge(EVERY_KIND)]), {})
    const packed = await get('/metrics', { 'accept-encoding': 'gzip' })
    assert.equal(packed.headers.get('content-encoding'), 'gzip')
    assert.match(await packed.text(), /^disk_io_bytes_total/m)
    const plain = await get('/metrics', { 'accept-encoding': 'gzip;q=0' })
    assert.equal(plain.headers.get('content-encoding'), null)
    assert.equal((await get('/')).status, 404)
  })

  test('frames protobuf for who asks for it', async (t) => {
    const { exporter, get } = await started(t)
    await exporter.consume(metricBatch([edge(EVERY_KIND)]), {})
    const accept =
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
    const answer = await get('/metrics', { accept })
    assert.match(answer.headers.get('content-type') ?? '', /^application\/vnd\.google\.protobuf;/)
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.equal(bytes.toString('latin1', 2, 4), '\n\x15') // field 1 and its length, after that of the family
    assert.equal(bytes.toString('latin1', 4, 25), 'cpu_utilization_ratio')
  })

  test('says at start which options change nothing', async (t) => {
    const { lines } = await started(t, {
      include_metadata: true,
      include_tls_metadata: true,
      compression_algorithms: ['gzip'],
    })
    const said = lines.find((line) => line.includes('Options without effect'))
    assert.match(said ?? '', /include_metadata, include_tls_metadata, compression_algorithms"/)
  })

  const refused: [name: string, options: object, says: RegExp][] = [
    ['no endpoint', { endpoint: '' }, /expected host:port, got ""/],
    ['a strategy that is none', { translation_strategy: 'x' }, /invalid translation_strategy: x/],
    ['an expiry of nothing', { metric_expiration: '0s' }, /metric_expiration must be positive/],
    ['a queue', { sending_queue: { queue_size: 5 } }, /nothing ever waits/],
  ]
  for (const [name, options, says] of refused) {
    test(`refuses ${name}`, () =>
      assert.throws(() => prometheus.schema.parse({ endpoint: 'localhost:1', ...options }), says))
  }
})
