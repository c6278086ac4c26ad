import type { Attributes } from '@opentelemetry/api'
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { Family, Sample } from '../prometheus/family.ts'
import { join, type LabelSet, labelsOf } from '../prometheus/labels.ts'
import { metricName, type Naming } from '../prometheus/names.ts'
import { CLASSIC, expositionText } from '../prometheus/text.ts'

export interface TextOptions extends Naming {
  /** `otel_scope_name` and so on, on every series. */
  readonly scopeLabels: boolean
  /** Resource attributes that stand on every series. */
  readonly isConstantLabel: (attribute: string) => boolean
}

type OwnFamily = Family & { readonly samples: Sample[] }

/** The text that Prometheus scrapes, families and labels in the order of the alphabet. */
export function prometheusText(metrics: ResourceMetrics, options: TextOptions): string {
  const families = new Map<string, OwnFamily>()
  const { attributes } = metrics.resource
  const constant = labelsOf(textsOf(pick(attributes, options.isConstantLabel)))
  families.set('target_info', {
    name: 'target_info',
    type: 'gauge',
    help: 'Target metadata',
    samples: [{ labels: labelsOf(textsOf(attributes)), value: { kind: 'number', value: 1 } }],
  })
  for (const { scope, metrics: all } of metrics.scopeMetrics) {
    const common = options.scopeLabels ? join(constant, scopeLabels(scope)) : constant
    for (const metric of all) addMetric(families, metric, common, options)
  }
  const inOrder = [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return expositionText(inOrder, CLASSIC)
}

function addMetric(
  families: Map<string, OwnFamily>,
  metric: MetricData,
  common: LabelSet,
  options: TextOptions,
): void {
  const type = typeOf(metric)
  if (type === undefined || metric.dataPoints.length === 0) return
  const name = metricName(metric.descriptor, type, options)
  let family = families.get(name)
  if (family === undefined) {
    family = { name, type, help: metric.descriptor.description, samples: [] }
    families.set(name, family)
  }
  if (family.type !== type) return // two metrics of one name: a scraper refuses a name of two types
  family.samples.push(...samplesOf(metric, common))
}

function typeOf(metric: MetricData): 'counter' | 'gauge' | 'histogram' | undefined {
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

function samplesOf(metric: MetricData, common: LabelSet): Sample[] {
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return []
  if (metric.dataPointType !== DataPointType.HISTOGRAM) {
    return metric.dataPoints.map(({ attributes, value }) => ({
      labels: join(labelsOf(textsOf(attributes)), common),
      value: { kind: 'number', value },
    }))
  }
  return metric.dataPoints.map(({ attributes, value }) => {
    let below = 0
    const bounds = [...value.buckets.boundaries, Number.POSITIVE_INFINITY]
    const buckets = bounds.map((bound, i) => {
      below += value.buckets.counts[i] ?? 0
      return { bound, count: below }
    })
    return {
      labels: join(labelsOf(textsOf(attributes)), common),
      value: { kind: 'histogram', count: value.count, sum: value.sum ?? 0, buckets },
    }
  })
}

function scopeLabels(scope: ResourceMetrics['scopeMetrics'][number]['scope']): LabelSet {
  return new Map([
    ['otel_scope_name', scope.name],
    ['otel_scope_schema_url', scope.schemaUrl ?? ''],
    ['otel_scope_version', scope.version ?? ''],
  ])
}

const textsOf = (attributes: Attributes) =>
  Object.entries(attributes).map(
    ([key, value]) =>
      [key, typeof value === 'string' ? value : JSON.stringify(value ?? '')] as const,
  )

const pick = (attributes: Attributes, take: (key: string) => boolean): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => take(key)))
