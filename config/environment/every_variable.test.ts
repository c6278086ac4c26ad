import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { toPlain } from '../expanded.ts'
import { defaultOverlay } from './default_overlay.ts'
import { OBI_OPTIONS } from './obi_options.ts'

const ENDPOINT = 'http://b:4318'
const BASE: Readonly<Record<string, string>> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
  OTEL_EBPF_METRICS_FEATURES: 'application',
  OTEL_EBPF_AUTO_TARGET_EXE: '*/cart',
}

/** What the variables make of the shipped configuration, and every warning about them. */
function outcome(env: Readonly<Record<string, string>>): string {
  const { node, issues } = defaultOverlay(env)
  const warnings = issues.map(({ origin, message }) => `${origin?.source}: ${message}`)
  return JSON.stringify([node === undefined ? {} : toPlain(node), warnings])
}

/** Values that are not the default; of the others any text will do. */
const VALUES: Readonly<Record<string, string>> = {
  OPEN_PORT: '8080',
  TARGET_PID: '7',
  AUTO_TARGET_LANGUAGE: 'go',
  TRACE_PRINTER: 'disabled',
  LOG_LEVEL: 'DEBUG',
  OTLP_TRACES_QUEUE_SIZE: '77',
  INSECURE_SKIP_VERIFY: 'true',
  METRICS_FEATURES: 'application_red',
  PROMETHEUS_PORT: '9090',
}

describe('no variable of OBI is read and ignored: it changes something, or is warned about', () => {
  for (const { env, path } of OBI_OPTIONS) {
    if (env === undefined) continue
    for (const prefix of ['OTEL_EBPF_', 'BEYLA_']) {
      test(`${prefix}${env} (${path})`, () => {
        // That of OTEL_EBPF_ is in the way of Beyla's.
        const { [`OTEL_EBPF_${env}`]: _, ...base } = BASE
        assert.notEqual(outcome({ ...base, [prefix + env]: VALUES[env] ?? 'x' }), outcome(base))
      })
    }
  }
})

const OTLP: Readonly<Record<string, string>> = {
  ENDPOINT: 'http://other:4318',
  PROTOCOL: 'http/json',
  HEADERS: 'a=b',
  COMPRESSION: 'none',
  TIMEOUT: '777',
  CERTIFICATE: '/ca.pem',
  CLIENT_CERTIFICATE: '/client.pem',
  CLIENT_KEY: '/client.key',
  INSECURE: 'true',
}
/** OTEL_EXPORTER_OTLP_INSECURE is gRPC's. */
const GRPC = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'b:4317' }

const withPrefix = (prefix: string, skip: readonly string[] = []) =>
  Object.entries(OTLP)
    .filter(([name]) => !skip.includes(name))
    .map(([name, value]) => [prefix + name, value] as const)

describe('no variable of OpenTelemetry that docs/environment.md names is read and ignored', () => {
  const values = new Map<string, string>([
    ...withPrefix('OTEL_EXPORTER_OTLP_'),
    ...withPrefix('OTEL_EXPORTER_OTLP_TRACES_'),
    ...withPrefix('OTEL_EXPORTER_OTLP_METRICS_'),
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'delta'],
    [
      'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
      'base2_exponential_bucket_histogram',
    ],
    ['OTEL_TRACES_EXPORTER', 'none'],
    ['OTEL_METRICS_EXPORTER', 'prometheus'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '777'],
    ['OTEL_TRACES_SAMPLER', 'always_off'],
    ['OTEL_TRACES_SAMPLER_ARG', '0.5'],
    ['OTEL_BSP_SCHEDULE_DELAY', '777'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '77'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '777'],
    ['OTEL_BSP_EXPORT_TIMEOUT', '777'],
    ['OTEL_SERVICE_NAME', 'cart'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=a'],
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_EXPORTER_PROMETHEUS_HOST', '10.0.0.1'],
    ['OTEL_EXPORTER_PROMETHEUS_PORT', '777'],
    ['OTEL_GO_AUTO_TARGET_EXE', '*/other'],
  ])
  /** What else must be said for it to mean anything. */
  const beside = (name: string): Readonly<Record<string, string>> => {
    if (name.endsWith('_INSECURE')) return GRPC
    if (name.startsWith('OTEL_EXPORTER_PROMETHEUS_')) return { OTEL_METRICS_EXPORTER: 'prometheus' }
    if (name === 'OTEL_TRACES_SAMPLER_ARG') return { OTEL_TRACES_SAMPLER: 'traceidratio' }
    if (name === 'OTEL_GO_AUTO_TARGET_EXE') return { OTEL_EBPF_AUTO_TARGET_EXE: '' }
    return {}
  }

  for (const [name, value] of values) {
    test(name, () => {
      const base = { ...BASE, ...beside(name) }
      assert.notEqual(outcome({ ...base, [name]: value }), outcome(base))
    })
  }

  test('and it names none beside these', () => {
    const page = new URL('../../../docs/environment.md', import.meta.url)
    const [, table = ''] = readFileSync(page, 'utf8').split(/^## .*$/m)
    const named = table.match(/`OTEL_[A-Z_]*[A-Z]`/g) ?? []
    assert.ok(named.length > 10, 'the table is read')
    const missing = named.filter((name) => !values.has(name.slice(1, -1)))
    assert.deepEqual(missing, [])
  })
})
