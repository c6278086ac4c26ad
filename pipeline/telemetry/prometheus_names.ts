/** How names become those of Prometheus. */
export interface Naming {
  /** `_total` on counters. */
  readonly typeSuffix: boolean
  /** `_bytes`, `_seconds` and so on. */
  readonly unitSuffix: boolean
}

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  '%': 'percent',
}

/**
 * `otelcol.process.memory_rss` in `By` is `otelcol_process_memory_rss_bytes`. What is in braces, as {span}, is no unit.
 * Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function metricName(
  { name, unit }: { readonly name: string; readonly unit: string },
  type: 'counter' | 'gauge' | 'histogram',
  { typeSuffix, unitSuffix }: Naming,
): string {
  const isTotal = typeSuffix && type === 'counter'
  let base = name.replaceAll(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_')
  if (isTotal) base = base.replace(/_total$/, '')
  const suffix = unitSuffix ? unitOf(unit, type) : ''
  if (suffix !== '' && !base.endsWith(`_${suffix}`)) base += `_${suffix}`
  return isTotal ? `${base}_total` : base
}

function unitOf(unit: string, type: 'counter' | 'gauge' | 'histogram'): string {
  if (unit === '1') return type === 'gauge' ? 'ratio' : ''
  return UNITS[unit] ?? (/^[a-zA-Z]+$/.test(unit) ? unit : '')
}

/** A label's name: letters, digits and underscores. */
export const labelName = (key: string): string =>
  key.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, 'key_')
