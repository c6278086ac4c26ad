import type { Attributes } from '../../pipeline/data/attributes.ts'
import type { LogRecord, ResourceLogs } from '../../pipeline/data/logs.ts'
import { mapPoints } from '../../pipeline/data/map_attributes.ts'
import type { ResourceMetrics } from '../../pipeline/data/metrics.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import type { Redactor } from './redactor.ts'

const redacted = <T extends { readonly attributes: Attributes }>(item: T, by: Redactor): T => ({
  ...item,
  attributes: by.attributes(item.attributes),
})

export const redactSpans =
  (by: Redactor) =>
  (data: ResourceSpans): ResourceSpans => ({
    ...data,
    resource: redacted(data.resource, by),
    scopeSpans: data.scopeSpans.map((one) => ({
      ...one,
      scope: redacted(one.scope, by),
      spans: one.spans.map((span) => redactSpan(span, by)),
    })),
  })

const redactSpan = (span: Span, by: Redactor): Span => ({
  ...redacted(span, by),
  name: by.spanName(span),
  events: span.events.map((one) => redacted(one, by)),
  links: span.links.map((one) => redacted(one, by)),
})

export const redactLogs =
  (by: Redactor) =>
  (data: ResourceLogs): ResourceLogs => ({
    ...data,
    resource: redacted(data.resource, by),
    scopeLogs: data.scopeLogs.map((one) => ({
      ...one,
      scope: redacted(one.scope, by),
      logRecords: one.logRecords.map((record) => redactRecord(record, by)),
    })),
  })

function redactRecord(record: LogRecord, by: Redactor): LogRecord {
  const [body, attributes] = by.body(record.body, by.attributes(record.attributes))
  return { ...record, body, attributes }
}

export const redactMetrics =
  (by: Redactor) =>
  (data: ResourceMetrics): ResourceMetrics => ({
    ...data,
    resource: redacted(data.resource, by),
    scopeMetrics: data.scopeMetrics.map((one) => ({
      ...one,
      scope: redacted(one.scope, by),
      metrics: one.metrics.map((metric) => ({
        ...metric,
        data: mapPoints(metric.data, (attributes) => by.attributes(attributes)),
      })),
    })),
  })
