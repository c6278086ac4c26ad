import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { metricName } from '../prometheus/names.ts'
import { Counters } from './counters.ts'
import { metricsFields } from './metrics_fields.ts'
import { MetricsSdk } from './metrics_sdk.ts'

type NameCase = [name: string, unit: string, type: 'counter' | 'gauge' | 'histogram', want: string]
const names: NameCase[] = [
  ['otelcol_process_uptime', 's', 'counter', 'otelcol_process_uptime_seconds_total'],
  ['otelcol_process_cpu_seconds', 's', 'counter', 'otelcol_process_cpu_seconds_total'],
  ['otelcol_process_memory_rss', 'By', 'gauge', 'otelcol_process_memory_rss_bytes'],
  ['otelcol_receiver_accepted_spans', '{span}', 'counter', 'otelcol_receiver_accepted_spans_total'],
  ['otelcol_exporter_queue_size', '{batch}', 'gauge', 'otelcol_exporter_queue_size'],
  ['otelcol.load', '1', 'gauge', 'otelcol_load_ratio'],
  ['7up', '', 'histogram', '_7up'],
]

describe('metricName with suffixes', () => {
  for (const [name, unit, type, want] of names) {
    test(want, () => {
      const found = metricName({ name, unit }, type, { typeSuffix: true, unitSuffix: true })
      assert.equal(found, want)
    })
  }
})

/** What a scrape gives, of the reader that is configured. */
async function scrape(config: object, fill: (counters: Counters, sdk: MetricsSdk) => void) {
  const metrics = metricsFields.parse(config)
  const { level } = metrics
  assert.ok(level !== 'none')
  const counters = new Counters()
  const resource = { 'service.name': 'weir', team: 'a"b\\c' }
  const sdk = await MetricsSdk.load({ ...metrics, level }, resource, counters)
  fill(counters, sdk)
  const prometheus = metrics.readers[0]?.pull?.exporter.prometheus
  assert.ok(prometheus)
  const text = await sdk.scrape(prometheus)
  await sdk.shutdown(1000)
  return text
}

const reader = (options: object) => ({ readers: [{ pull: { exporter: { prometheus: options } } }] })

const TARGET = `# HELP target_info Target metadata
# TYPE target_info gauge
target_info{service_name="weir",team="a\\"b\\\\c"} 1
`

describe('a scrape', () => {
  test('by default: no suffixes, the resource on every series', async () => {
    const text = await scrape({}, (counters) =>
      counters.add('otelcol_receiver_accepted_spans', { receiver: 'otlp', transport: 'grpc' }, 3),
    )
    assert.equal(
      text,
      `# HELP otelcol_receiver_accepted_spans Number of spans that the pipeline took.
# TYPE otelcol_receiver_accepted_spans counter
otelcol_receiver_accepted_spans{receiver="otlp",service_name="weir",team="a\\"b\\\\c",transport="grpc"} 3
${TARGET}`,
    )
  })

  test('with suffixes, scope and some of the resource', async () => {
    const options = {
      without_type_suffix: false,
      without_scope_info: false,
      with_resource_constant_labels: { excluded: ['team'] },
    }
    const text = await scrape(reader(options), (counters) =>
      counters.add('otelcol_exporter_sent_spans', { exporter: 'otlp_http' }, 2),
    )
    assert.match(
      text,
      /^otelcol_exporter_sent_spans_total\{exporter="otlp_http",otel_scope_name="go.opentelemetry.io\/collector\/exporter\/exporterhelper",otel_scope_schema_url="",otel_scope_version="",service_name="weir"\} 2$/m,
    )
  })

  test('a drop is one metric, by reason', async () => {
    const text = await scrape(reader({}), (counters) => {
      counters.add('otelcol_exporter_dropped_shutdown', { exporter: 'a' }, 1)
      counters.add('otelcol_exporter_dropped_permanent_error', { exporter: 'a' }, 2)
    })
    assert.match(text, /^weir_exporter_dropped_items\{exporter="a",reason="shutdown"\} 1$/m)
    assert.match(text, /^weir_exporter_dropped_items\{exporter="a",reason="permanent_error"\} 2$/m)
  })

  test("what some of the Collector's components count, by names without their kind", async () => {
    const text = await scrape(reader({}), (counters) => {
      const labels = { exporter: 'lb', endpoint: 'a:4317', success: 'true' }
      counters.add('otelcol_exporter_loadbalancer_backend_outcome', labels, 3)
      counters.gauge('otelcol_processor_otelsvc_k8s_pod_table_size', { processor: 'k' }, () => 7)
    })
    assert.match(
      text,
      /^otelcol_loadbalancer_backend_outcome\{endpoint="a:4317",exporter="lb",success="true"\} 3$/m,
    )
    assert.match(text, /^otelcol_otelsvc_k8s_pod_table_size\{processor="k"\} 7$/m)
  })

  test('a histogram: buckets add up, count and sum', async () => {
    const text = await scrape(reader({}), (_counters, sdk) => {
      for (const value of [5, 30, 200_000]) {
        sdk.record('otelcol_processor_batch_batch_send_size', { processor: 'batch' }, value)
      }
    })
    const bucket = (le: string, n: number) =>
      assert.ok(
        text.includes(`send_size_bucket{le="${le}",processor="batch"} ${n}\n`),
        `${le} ${n} in ${text}`,
      )
    bucket('10', 1)
    bucket('50', 2)
    bucket('100000', 2)
    bucket('+Inf', 3)
    assert.match(text, /batch_send_size_sum\{processor="batch"\} 200035$/m)
    assert.match(text, /batch_send_size_count\{processor="batch"\} 3$/m)
  })

  const levels: [level: string, shown: RegExp[], hidden: RegExp[]][] = [
    ['basic', [/^otelcol_exporter_sent_spans/m], [/batch_timeout_trigger/, /queue_batch_send/]],
    ['normal', [/batch_timeout_trigger/], [/queue_batch_send/]],
    ['detailed', [/batch_timeout_trigger/, /queue_batch_send_size_count/], []],
  ]
  for (const [level, shown, hidden] of levels) {
    test(`level ${level} shows its metrics, and none of the next`, async () => {
      const text = await scrape({ level }, (counters, sdk) => {
        counters.add('otelcol_exporter_sent_spans', {}, 1)
        counters.add('otelcol_processor_batch_timeout_trigger_send', {}, 1)
        sdk.record('otelcol_exporter_queue_batch_send_size', {}, 1)
      })
      for (const pattern of shown) assert.match(text, pattern)
      for (const pattern of hidden) assert.doesNotMatch(text, pattern)
    })
  }

  test('only the level detailed says why items were lost', async () => {
    const fill = (counters: Counters) => {
      const name = 'otelcol_exporter_send_failed_spans'
      counters.add(name, { exporter: 'a', 'error.type': 'Internal', 'error.permanent': 'true' }, 1)
      counters.add(name, { exporter: 'a', 'error.type': '_OTHER', 'error.permanent': 'true' }, 2)
    }
    const normal = await scrape({ ...reader({}), level: 'normal' }, fill)
    assert.match(normal, /^otelcol_exporter_send_failed_spans\{exporter="a"\} 3$/m)
    const detailed = await scrape({ ...reader({}), level: 'detailed' }, fill)
    assert.match(
      detailed,
      /_spans\{error_permanent="true",error_type="Internal",exporter="a"\} 1$/m,
    )
    assert.match(detailed, /_spans\{error_permanent="true",error_type="_OTHER",exporter="a"\} 2$/m)
  })

  test('views rename, drop, and take labels away', async () => {
    const views = [
      {
        selector: { instrument_name: 'otelcol_exporter_sent_spans', instrument_type: 'counter' },
        stream: { name: 'sent', attribute_keys: { excluded: ['exporter'] } },
      },
      {
        selector: { meter_name: 'go.opentelemetry.io/collector/receiver/receiverhelper' },
        stream: { aggregation: { drop: {} } },
      },
    ]
    const text = await scrape({ level: 'detailed', views, ...reader({}) }, (counters) => {
      counters.add('otelcol_exporter_sent_spans', { exporter: 'a' }, 1)
      counters.add('otelcol_exporter_sent_spans', { exporter: 'b' }, 2)
      counters.add('otelcol_receiver_accepted_spans', {}, 1)
    })
    assert.match(text, /^sent 3$/m)
    assert.doesNotMatch(text, /accepted/)
  })

  test('what appears after the first scrape is in the next', async () => {
    const counters = new Counters()
    const metrics = metricsFields.parse(reader({}))
    const sdk = await MetricsSdk.load({ ...metrics, level: 'normal' }, {}, counters)
    const prometheus = metrics.readers[0]?.pull?.exporter.prometheus
    assert.ok(prometheus)
    counters.gauge('otelcol_exporter_queue_size', { exporter: 'a' }, () => 7)
    assert.match(await sdk.scrape(prometheus), /queue_size\{exporter="a"\} 7/)
    counters.add('otelcol_exporter_sent_spans', {}, 1)
    assert.match(await sdk.scrape(prometheus), /^otelcol_exporter_sent_spans 1$/m)
  })
})
