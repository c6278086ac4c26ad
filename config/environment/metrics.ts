import { type Expanded, isList } from '../expanded.ts'
import type { Issue } from '../issue.ts'
import { type Env, leaf, names, type Overlay, warning } from './nodes.ts'
import type { ObiSettings } from './obi_settings.ts'
import { otlpExporter } from './otlp.ts'
import { milliseconds } from './values.ts'

const METRICS = ['receivers', 'ebpf', 'metrics']
/** Of OBI, as the receiver has them. */
const FEATURES = ['application', 'application_red', 'application_sizes']
/** What makes what other features of OBI make. */
const INSTEAD: Readonly<Record<string, string>> = {
  application_span: 'the span_metrics connector makes metrics of spans',
  application_span_otel: 'the span_metrics connector makes metrics of spans',
  application_span_sizes: 'the span_metrics connector makes metrics of spans',
  application_service_graph: 'the service_graph connector tells who calls whom',
  network: 'weir has no network flows',
}
/** Where the SDKs show metrics to a Prometheus. */
const PROMETHEUS_PORT = '9464'

/** What SDKs call it, and what the receiver does. Histograms are delta by lowmemory, too. */
const TEMPORALITIES: ReadonlyMap<string, string> = new Map([
  ['cumulative', 'AGGREGATION_TEMPORALITY_CUMULATIVE'],
  ['delta', 'AGGREGATION_TEMPORALITY_DELTA'],
  ['lowmemory', 'AGGREGATION_TEMPORALITY_DELTA'],
])

/** A setting of the receiver that one of OpenTelemetry's variables gives. */
interface Setting {
  readonly variable: string
  readonly key: string
  /** As the receiver has it; undefined for what cannot be meant. */
  readonly read: (text: string) => string | undefined
  /** What the warning about the latter says. Without it somebody else says so: `valueFaults`, or the receiver's schema. */
  readonly expected?: string
}

const SETTINGS: readonly Setting[] = [
  { variable: 'OTEL_METRIC_EXPORT_INTERVAL', key: 'interval', read: milliseconds },
  {
    variable: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    key: 'aggregation_temporality',
    read: (text) => TEMPORALITIES.get(text.toLowerCase()),
    expected: '"cumulative", "delta" or "lowmemory"',
  },
  {
    variable: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    key: 'histogram_aggregation',
    read: (text) => text.toLowerCase(),
  },
]

/** Gives the receiver a metrics pipeline, if anything asks for one, with this processor if any. True if it does. */
export function setMetrics(
  overlay: Overlay,
  env: Env,
  settings: ObiSettings,
  issues: Issue[],
  added: string | undefined,
): boolean {
  const features = setFeatures(overlay, settings, issues)
  const wanted = exportersOf(env, settings, issues, features)
  if (wanted.length === 0) {
    warnWithoutPipeline(env, issues)
    return false
  }
  setReceiver(overlay, env, issues)
  const exporters = wanted.flatMap((name) => setExporter(overlay, name, env, settings, issues))
  if (exporters.length === 0) return false
  const origin = { source: 'environment' }
  const path = ['service', 'pipelines', 'metrics']
  overlay.set([...path, 'receivers'], names(origin, 'ebpf'))
  if (added !== undefined) overlay.set([...path, 'processors'], names(origin, added))
  overlay.set([...path, 'exporters'], names(origin, ...exporters))
  return true
}

/** Undefined: nobody names any. What weir has not is warned about. */
function setFeatures(
  overlay: Overlay,
  { nodes }: ObiSettings,
  issues: Issue[],
): readonly string[] | undefined {
  const node = nodes.get('metrics.features')
  if (node === undefined) return undefined
  const { origin } = node
  const words = wordsOf(node).map((one) => (one === '*' || one === 'all' ? 'application' : one))
  for (const word of words) {
    if (FEATURES.includes(word)) continue
    const why = INSTEAD[word] ?? `allowed are ${FEATURES.join(', ')}`
    issues.push(warning(origin, `the feature ${JSON.stringify(word)} has no effect: ${why}`))
  }
  const known = words.filter((word) => FEATURES.includes(word))
  if (known.length > 0) overlay.set([...METRICS, 'features'], names(origin, ...known))
  return known
}

function wordsOf({ value }: Expanded): string[] {
  const all = isList(value) ? value.map((one) => String(one.value)) : String(value).split(',')
  return all.flatMap((one) => one.trim() || [])
}

/** OTEL_METRICS_EXPORTER says all; else whoever names an endpoint, a port or features of metrics wants them. */
function exportersOf(
  env: Env,
  { nodes }: ObiSettings,
  issues: Issue[],
  features: readonly string[] | undefined,
): readonly string[] {
  const told = (env['OTEL_METRICS_EXPORTER'] ?? '').split(',').flatMap((one) => one.trim() || [])
  const allowed = ['otlp', 'prometheus', 'console', 'none']
  for (const name of told.filter((one) => !allowed.includes(one))) {
    const origin = { source: 'env:OTEL_METRICS_EXPORTER' }
    const found = JSON.stringify(name)
    issues.push(warning(origin, `${found} is none of otlp, prometheus, console and none`))
  }
  if (told.length > 0) return told.filter((one) => one !== 'none' && allowed.includes(one))
  if (features?.length === 0) return []
  const scraped = nodes.has('prometheus_export.port')
  const sent =
    Boolean(env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']) || nodes.has('otel_metrics_export.endpoint')
  const general = features !== undefined && !scraped && Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'])
  return [...(sent || general ? ['otlp'] : []), ...(scraped ? ['prometheus'] : [])]
}

function setReceiver(overlay: Overlay, env: Env, issues: Issue[]): void {
  for (const { variable, key, read, expected } of SETTINGS) {
    const text = env[variable]
    if (!text) continue
    const origin = { source: `env:${variable}` }
    const value = read(text)
    if (value !== undefined) overlay.set([...METRICS, key], leaf(origin, value))
    else if (expected !== undefined)
      issues.push(warning(origin, `expected ${expected}, got ${JSON.stringify(text)}`))
  }
}

/** The id of the exporter; none if nothing says where to send to. */
function setExporter(
  overlay: Overlay,
  name: string,
  env: Env,
  settings: ObiSettings,
  issues: Issue[],
): string[] {
  const origin = { source: 'env:OTEL_METRICS_EXPORTER' }
  if (name === 'console') {
    overlay.set(['exporters', 'debug/metrics', 'verbosity'], leaf(origin, 'detailed'))
    return ['debug/metrics']
  }
  if (name === 'prometheus') {
    overlay.set(['exporters', 'prometheus', 'endpoint'], prometheusEndpoint(env, settings))
    return ['prometheus']
  }
  const asked = Boolean(env['OTEL_METRICS_EXPORTER'])
  const exporter = otlpExporter(env, settings.nodes, asked, 'metrics')
  issues.push(...exporter.issues)
  if (exporter.node === undefined) return []
  const id = `${exporter.type}/metrics`
  overlay.set(['exporters', id], exporter.node)
  return [id]
}

/** OBI listens on every address, SDKs on this machine's own. */
function prometheusEndpoint(env: Env, { nodes }: ObiSettings): Expanded {
  const port = nodes.get('prometheus_export.port')
  if (port !== undefined) return leaf(port.origin, `0.0.0.0:${port.value}`)
  const host = env['OTEL_EXPORTER_PROMETHEUS_HOST'] || 'localhost'
  const number = env['OTEL_EXPORTER_PROMETHEUS_PORT'] || PROMETHEUS_PORT
  return leaf({ source: 'env:OTEL_METRICS_EXPORTER' }, `${host}:${number}`)
}

function warnWithoutPipeline(env: Env, issues: Issue[]): void {
  for (const [name, value] of Object.entries(env)) {
    if (!value || !name.startsWith('OTEL_EXPORTER_OTLP_METRICS_')) continue
    const message =
      'has no effect: nothing asks for metrics (OTEL_METRICS_EXPORTER, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT)'
    issues.push(warning({ source: `env:${name}` }, message))
  }
}
