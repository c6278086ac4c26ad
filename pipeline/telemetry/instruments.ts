import { type Histogram, type Meter, type ObservableResult, ValueType } from '@opentelemetry/api'
import type { Counters, Family, Labels } from './counters.ts'
import { type Exposed, exposedAs, type MetricsLevel, type SelfMetric } from './self_metrics.ts'

const LEVELS: readonly MetricsLevel[] = ['basic', 'normal', 'detailed']

/** Shows plain counters as instruments of the SDK, which reads them when somebody looks. */
export class Instruments {
  readonly #counters: Counters
  readonly #meterOf: (scope: string) => Meter
  readonly #level: number
  /** By the metric's name: the counters that it shows. */
  readonly #sources = new Map<string, Map<string, readonly [family: Family, exposed: Exposed]>>()
  readonly #histograms = new Map<string, Histogram | undefined>()

  constructor(counters: Counters, level: MetricsLevel, meterOf: (scope: string) => Meter) {
    this.#counters = counters
    this.#level = LEVELS.indexOf(level)
    this.#meterOf = meterOf
  }

  /** Makes instruments for what was counted for the first time since the last call. */
  refresh(): void {
    for (const family of this.#counters.look()) {
      const exposed = exposedAs(family.name, family.kind)
      const { metric } = exposed
      let sources = this.#sources.get(metric.name)
      if (sources === undefined) {
        sources = new Map()
        this.#sources.set(metric.name, sources)
        if (this.#shows(metric)) this.#observe(metric, sources)
      }
      sources.set(family.name, [family, exposed])
    }
  }

  record(name: string, labels: Labels, value: number): void {
    if (!this.#histograms.has(name)) this.#histograms.set(name, this.#histogram(name))
    this.#histograms.get(name)?.record(value, labels)
  }

  #shows = ({ level }: SelfMetric): boolean => LEVELS.indexOf(level) <= this.#level

  #observe(metric: SelfMetric, sources: ReadonlyMap<string, readonly [Family, Exposed]>): void {
    const meter = this.#meterOf(metric.scope)
    const options = { description: metric.about, unit: metric.unit, valueType: valueType(metric) }
    const instrument =
      metric.kind === 'counter'
        ? meter.createObservableCounter(metric.name, options)
        : metric.kind === 'gauge'
          ? meter.createObservableGauge(metric.name, options)
          : meter.createObservableUpDownCounter(metric.name, options)
    instrument.addCallback((result) => {
      for (const [family, exposed] of sources.values()) observeFamily(result, family, exposed)
    })
  }

  #histogram(name: string): Histogram | undefined {
    const { metric } = exposedAs(name, 'histogram')
    if (!this.#shows(metric)) return undefined
    return this.#meterOf(metric.scope).createHistogram(metric.name, {
      description: metric.about,
      unit: metric.unit,
      valueType: valueType(metric),
      ...(metric.buckets && { advice: { explicitBucketBoundaries: [...metric.buckets] } }),
    })
  }
}

const valueType = ({ unit }: SelfMetric) => (unit === 's' ? ValueType.DOUBLE : ValueType.INT)

function observeFamily(result: ObservableResult, family: Family, { label }: Exposed): void {
  const more = label === undefined ? undefined : { [label[0]]: label[1] }
  for (const series of family.series.values()) {
    result.observe(
      series.read(),
      more === undefined ? series.labels : { ...series.labels, ...more },
    )
  }
}
