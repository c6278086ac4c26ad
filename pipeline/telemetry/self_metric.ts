export type MetricsLevel = 'basic' | 'normal' | 'detailed'

const LEVELS: readonly MetricsLevel[] = ['basic', 'normal', 'detailed']

/** Whether a level shows a metric. */
export const isShown = (metric: SelfMetric, level: MetricsLevel): boolean =>
  LEVELS.indexOf(metric.level) <= LEVELS.indexOf(level)

/** One of weir's own metrics. */
export interface SelfMetric {
  readonly name: string
  readonly kind: 'counter' | 'up_down_counter' | 'gauge' | 'histogram'
  /** UCUM, as OpenTelemetry writes units. */
  readonly unit: string
  /** The lowest level that shows it. */
  readonly level: MetricsLevel
  /** The instrumentation scope; the Collector's where the metric is the Collector's, since views select by it. */
  readonly scope: string
  readonly about: string
  readonly labels: readonly string[]
  /** Of these labels, those that only the level detailed shows. */
  readonly detailedLabels?: readonly string[]
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[]
}

const SIGNALS = [
  ['spans', '{span}', 'spans'],
  ['metric_points', '{datapoint}', 'data points'],
  ['log_records', '{record}', 'log records'],
  ['profile_samples', '{sample}', 'profile samples'],
] as const

/** One metric for each signal; `about` gets the items' name. */
export const perSignal = (
  prefix: string,
  about: (items: string) => string,
  more: Pick<SelfMetric, 'level' | 'scope' | 'labels' | 'detailedLabels'>,
): SelfMetric[] =>
  SIGNALS.map(([suffix, unit, items]) => ({
    name: `${prefix}_${suffix}`,
    kind: 'counter',
    unit,
    about: about(items),
    ...more,
  }))
