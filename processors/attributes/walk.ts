import type { Attributes } from '../../pipeline/data/attributes.ts'
import type { LogRecord, ResourceLogs } from '../../pipeline/data/logs.ts'
import { mapPoints } from '../../pipeline/data/map_attributes.ts'
import type { Metric, ResourceMetrics } from '../../pipeline/data/metrics.ts'
import type { Scope } from '../../pipeline/data/resource.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'

/** New attributes of an item, or the very list if they stay. */
export type ChangeItem<Item> = (scope: Scope, item: Item, attributes: Attributes) => Attributes

function changed<T extends { readonly attributes: Attributes }>(
  item: T,
  scope: Scope,
  change: ChangeItem<T>,
): T {
  const attributes = change(scope, item, item.attributes)
  return attributes === item.attributes ? item : { ...item, attributes }
}

export const mapSpans = (data: ResourceSpans, change: ChangeItem<Span>): ResourceSpans => ({
  ...data,
  scopeSpans: data.scopeSpans.map((one) => ({
    ...one,
    spans: one.spans.map((span) => changed(span, one.scope, change)),
  })),
})

export const mapRecords = (data: ResourceLogs, change: ChangeItem<LogRecord>): ResourceLogs => ({
  ...data,
  scopeLogs: data.scopeLogs.map((one) => ({
    ...one,
    logRecords: one.logRecords.map((record) => changed(record, one.scope, change)),
  })),
})

/** The item is the metric, the attributes are those of each of its points. */
export const mapMetrics = (data: ResourceMetrics, change: ChangeItem<Metric>): ResourceMetrics => ({
  ...data,
  scopeMetrics: data.scopeMetrics.map((one) => ({
    ...one,
    metrics: one.metrics.map((metric) => {
      const ofPoint = (attributes: Attributes) => change(one.scope, metric, attributes)
      return { ...metric, data: mapPoints(metric.data, ofPoint) }
    }),
  })),
})
