import type { LogRecord } from '../data/logs.ts'
import type { Metric } from '../data/metrics.ts'
import type { Span } from '../data/traces.ts'
import { valueText } from '../data/value_text.ts'
import type { ItemTest } from './matcher.ts'

const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

export const spanTests: ItemTest<Span> = ({ span_names, span_kinds }, texts) => {
  const isName = texts.any(span_names)
  const isKind = texts.any(span_kinds)
  return [
    ...(isName ? [({ name }: Span) => isName(name)] : []),
    ...(isKind ? [({ kind }: Span) => isKind(`SPAN_KIND_${SPAN_KINDS[kind] ?? ''}`)] : []),
  ]
}

export const logTests: ItemTest<LogRecord> = (properties, texts) => {
  const isBody = texts.any(properties.log_bodies)
  const isSeverity = texts.any(properties.log_severity_texts)
  const { log_severity_number: number } = properties
  return [
    ...(isBody ? [({ body }: LogRecord) => isBody(valueText(body))] : []),
    ...(isSeverity ? [({ severityText }: LogRecord) => isSeverity(severityText)] : []),
    ...(number
      ? [
          ({ severityNumber: found }: LogRecord) =>
            found === 0 ? number.match_undefined : found >= number.min,
        ]
      : []),
  ]
}

/** As in the Collector, a metric is chosen by its name alone. */
export const metricTests: ItemTest<Metric> = ({ metric_names }, texts) => {
  const isName = texts.any(metric_names)
  return isName ? [({ name }: Metric) => isName(name)] : []
}
