import type { Attributes } from './attributes.ts'
import type { ResourceLogs } from './logs.ts'
import type { MetricData, ResourceMetrics } from './metrics.ts'
import type { ResourceSpans } from './traces.ts'

/** Gives back the very list it got if nothing changes. */
export type Change = (attributes: Attributes) => Attributes

interface WithAttributes {
  readonly attributes: Attributes
}

/** The very item if its attributes stay. */
function changed<T extends WithAttributes>(item: T, change: Change): T {
  const attributes = change(item.attributes)
  return attributes === item.attributes ? item : { ...item, attributes }
}

/** The attributes of spans; those of events and links stay. */
export const mapSpanAttributes = (data: ResourceSpans, change: Change): ResourceSpans => ({
  ...data,
  scopeSpans: data.scopeSpans.map((scope) => ({
    ...scope,
    spans: scope.spans.map((span) => changed(span, change)),
  })),
})

export const mapRecordAttributes = (data: ResourceLogs, change: Change): ResourceLogs => ({
  ...data,
  scopeLogs: data.scopeLogs.map((scope) => ({
    ...scope,
    logRecords: scope.logRecords.map((record) => changed(record, change)),
  })),
})

/** The attributes of data points; a metric has none of its own. */
export const mapPointAttributes = (data: ResourceMetrics, change: Change): ResourceMetrics => ({
  ...data,
  scopeMetrics: data.scopeMetrics.map((scope) => ({
    ...scope,
    metrics: scope.metrics.map((metric) => ({ ...metric, data: mapPoints(metric.data, change) })),
  })),
})

/** The attributes of the data points of one metric. */
export function mapPoints(data: MetricData, change: Change): MetricData {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return { ...data, points: data.points.map((point) => changed(point, change)) }
    case 'histogram':
      return { ...data, points: data.points.map((point) => changed(point, change)) }
    case 'exponential_histogram':
      return { ...data, points: data.points.map((point) => changed(point, change)) }
    case 'summary':
      return { ...data, points: data.points.map((point) => changed(point, change)) }
    case 'empty':
      return data
  }
}
