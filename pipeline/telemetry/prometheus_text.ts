import type { Attributes } from '@opentelemetry/api'
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { labelName, metricName, type Naming } from './prometheus_names.ts'

export interface TextOptions extends Naming {
  /** `otel_scope_name` and so on, on every series. */
  readonly scopeLabels: boolean
  /** Resource attributes that stand on every series. */
  readonly isConstantLabel: (attribute: string) => boolean
}

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly lines: string[]
}

type LabelSet = ReadonlyMap<string, string>

/**
 * The text that Prometheus scrapes, families and labels in the order of the alphabet.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function prometheusText(metrics: ResourceMetrics, options: TextOptions): string {
  const families = new Map<string, Family>()
  const { attributes } = metrics.resource
  const constant = labelsOf(pick(attributes, options.isConstantLabel))
  families.set('target_info', {
    type: 'gauge',
    help: 'Target metadata',
    lines: [`target_info${braces(labelsOf(attributes))} 1`],
  })
  for (const { scope, metrics: all } of metrics.scopeMetrics) {
    const common = options.scopeLabels ? join(constant, scopeLabels(scope)) : constant
    for (const metric of all) addMetric(families, metric, common, options)
  }
  const sorted = [...families].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([name, family]) => familyText(name, family)).join('')
}

const familyText = (name: string, { type, help, lines }: Family): string =>
  `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`

function addMetric(
  families: Map<string, Family>,
  metric: MetricData,
  common: LabelSet,
  options: TextOptions,
): void {
  const type = typeOf(metric)
  if (type === undefined || metric.dataPoints.length === 0) return
  const name = metricName(metric.descriptor, type, options)
  let family = families.get(name)
  if (family === undefined) {
    family = { type, help: metric.descriptor.description, lines: [] }
    families.set(name, family)
  }
  if (family.type !== type) return // two metrics of one name: a scraper refuses a name of two types
  family.lines.push(...linesOf(name, metric, common))
}

function typeOf(metric: MetricData): Family['type'] | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'gauge'
    case DataPointType.GAUGE:
      return 'gauge'
    case DataPointType.HISTOGRAM:
      return 'histogram'
    default:
      return undefined // exponential histograms have no text form; views cannot ask for them
  }
}

function linesOf(name: string, metric: MetricData, common: LabelSet): string[] {
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    return metric.dataPoints.flatMap(({ attributes, value }) => {
      const labels = join(labelsOf(attributes), common)
      const counts = value.buckets.counts
      const bounds = [...value.buckets.boundaries, Number.POSITIVE_INFINITY]
      let below = 0
      const buckets = bounds.map((bound, i) => {
        below += counts[i] ?? 0
        return `${name}_bucket${braces(join(labels, new Map([['le', number(bound)]])))} ${below}`
      })
      const set = braces(labels)
      return [
        ...buckets,
        `${name}_sum${set} ${number(value.sum ?? 0)}`,
        `${name}_count${set} ${value.count}`,
      ]
    })
  }
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return []
  return metric.dataPoints.map(
    ({ attributes, value }) =>
      `${name}${braces(join(labelsOf(attributes), common))} ${number(value)}`,
  )
}

function scopeLabels(scope: ResourceMetrics['scopeMetrics'][number]['scope']): LabelSet {
  return new Map([
    ['otel_scope_name', scope.name],
    ['otel_scope_schema_url', scope.schemaUrl ?? ''],
    ['otel_scope_version', scope.version ?? ''],
  ])
}

/** Two attributes whose names become one share it, their values joined as the specification says. */
function labelsOf(attributes: Attributes): LabelSet {
  const labels = new Map<string, string>()
  for (const [key, value] of Object.entries(attributes)) {
    const name = labelName(key)
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
    const other = labels.get(name)
    labels.set(name, other === undefined ? text : `${other};${text}`)
  }
  return labels
}

const pick = (attributes: Attributes, take: (key: string) => boolean): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => take(key)))

/** What the series says of itself wins. */
const join = (own: LabelSet, common: LabelSet): LabelSet => new Map([...common, ...own])

function braces(labels: LabelSet): string {
  if (labels.size === 0) return ''
  const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',')}}`
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeValue = (text: string) => escapeHelp(text).replaceAll('"', '\\"')
