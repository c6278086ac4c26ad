import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toPlain } from '../expanded.ts'
import { formatIssue } from '../issue.ts'
import { parseYaml } from '../yaml.ts'
import { defaultOverlay } from './default_overlay.ts'

interface Plain {
  readonly receivers?: { readonly ebpf?: { readonly metrics?: unknown } }
  readonly exporters?: Readonly<Record<string, unknown>>
  readonly service?: { readonly pipelines?: Readonly<Record<string, unknown>> }
}

function overlay(env: Record<string, string>, yaml?: string) {
  const { node, issues } = defaultOverlay(env, yaml ? parseYaml(yaml, 'obi.yaml').node : undefined)
  const plain = (node === undefined ? {} : JSON.parse(JSON.stringify(toPlain(node)))) as Plain
  return { plain, issues: issues.map(formatIssue) }
}

const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318' }
const to = (...exporters: string[]) => ({ receivers: ['ebpf'], exporters })

describe('metrics by the environment', () => {
  type Case = [name: string, env: Record<string, string>, pipeline: unknown, exporters: object]
  const cases: Case[] = [
    ['an endpoint for everything', OTLP, undefined, {}],
    [
      'an endpoint of their own',
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m/x' },
      to('otlp_http/metrics'),
      { 'otlp_http/metrics': { metrics_endpoint: 'http://m/x' } },
    ],
    [
      'an exporter by name, to its default',
      { OTEL_METRICS_EXPORTER: 'otlp' },
      to('otlp_http/metrics'),
      { 'otlp_http/metrics': { endpoint: 'http://localhost:4318', compression: 'none' } },
    ],
    [
      'over gRPC, with headers',
      {
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m:4317',
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'a=1',
      },
      to('otlp_grpc/metrics'),
      { 'otlp_grpc/metrics': { endpoint: 'http://m:4317', headers: { a: '1' } } },
    ],
    [
      'for a scrape, and on the terminal',
      { OTEL_METRICS_EXPORTER: 'prometheus,console', OTEL_EXPORTER_PROMETHEUS_PORT: '9999' },
      to('prometheus', 'debug/metrics'),
      { prometheus: { endpoint: 'localhost:9999' }, 'debug/metrics': { verbosity: 'detailed' } },
    ],
    [
      'none',
      { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m/x' },
      undefined,
      {},
    ],
    [
      "features of OBI's, to the endpoint for everything",
      { ...OTLP, OTEL_EBPF_METRICS_FEATURES: 'application' },
      to('otlp_http/metrics'),
      { 'otlp_http/metrics': { endpoint: 'http://b:4318' } },
    ],
    [
      "a port of Beyla's",
      { BEYLA_PROMETHEUS_PORT: '9090' },
      to('prometheus'),
      { prometheus: { endpoint: '0.0.0.0:9090' } },
    ],
    ['no feature that weir has', { ...OTLP, OTEL_EBPF_METRICS_FEATURES: 'network' }, undefined, {}],
  ]
  for (const [name, env, pipeline, exporters] of cases) {
    test(name, () => {
      const { plain } = overlay(env)
      const { otlp_http: _, ...ofMetrics } = plain.exporters ?? {}
      assert.deepEqual([plain.service?.pipelines?.['metrics'], ofMetrics], [pipeline, exporters])
    })
  }

  test('settings of the receiver', () => {
    const { plain, issues } = overlay({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION:
        'base2_exponential_bucket_histogram',
      OTEL_EBPF_METRICS_FEATURES: 'application_red,network',
      OTEL_EBPF_METRICS_TTL: '2m',
    })
    assert.deepEqual(plain.receivers?.ebpf?.metrics, {
      ttl: '2m',
      features: ['application_red'],
      interval: '5000ms',
      aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
      histogram_aggregation: 'base2_exponential_bucket_histogram',
    })
    assert.deepEqual(issues, [
      'env:OTEL_EBPF_METRICS_FEATURES: warning: the feature "network" has no effect: weir has no network flows',
    ])
  })

  test('without traces none are made', () => {
    const { plain } = overlay({ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' })
    assert.deepEqual(plain.service?.pipelines, {
      metrics: to('otlp_http/metrics'),
      traces: { receivers: ['nop'], exporters: ['nop'] },
    })
  })

  test('what has no effect is said', () => {
    const { issues } = overlay({
      OTEL_METRICS_EXPORTER: 'statsd',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
    })
    assert.deepEqual(issues, [
      'env:OTEL_METRICS_EXPORTER: warning: "statsd" is none of otlp, prometheus, console and none',
      'env:OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: warning: has no effect: nothing asks for metrics (OTEL_METRICS_EXPORTER, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT)',
    ])
  })

  test("a file of OBI's", () => {
    const { plain } = overlay(
      {},
      `
metrics: {features: [application, application_span]}
otel_metrics_export:
  endpoint: http://m:4318
  interval: 10s
  buckets: {duration_histogram: [0.1, 1]}
`,
    )
    assert.deepEqual(plain.receivers?.ebpf?.metrics, {
      features: ['application'],
      interval: '10s',
      buckets: { duration_histogram: [0.1, 1] },
    })
    assert.deepEqual(plain.exporters?.['otlp_http/metrics'], { endpoint: 'http://m:4318' })
  })
})
