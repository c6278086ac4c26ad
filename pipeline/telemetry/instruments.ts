import { type Histogram, type Meter, ValueType } from '@opentelemetry/api'
import type { Counters, Family, Labels } from './counters.ts'
import { type Exposed, exposedAs } from './exposed_as.ts'
import type { ViewConfig } from './metrics_fields.ts'
import { isShown, type MetricsLevel, type SelfMetric } from './self_metric.ts'
import { type KeepLabels, keptLabels, shownLabels } from './views.ts'

/** Shows plain counters as instruments of the SDK, which reads them when somebody looks. */
export class Instruments {
  readonly #counters: Counters
  readonly #meterOf: (scope: string) => Meter
  readonly #level: MetricsLevel
  readonly #views: readonly ViewConfig[]
  /** By the metric's name: the counters that it shows. */
  readonly #sources = new Map<string, Map<string, readonly [family: Family, exposed: Exposed]>>()
  readonly #histograms = new Map<string, Histogram | undefined>()

  constructor(
    counters: Counters,
    { level, views }: { readonly level: MetricsLevel; readonly views: readonly ViewConfig[] },
    meterOf: (scope: string) => Meter,
  ) {
    this.#counters = counters
    this.#views = views
    this.#level = level
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
        if (isShown(metric, this.#level)) this.#observe(metric, sources)
      }
      sources.set(family.name, [family, exposed])
    }
  }

  record(name: string, labels: Labels, value: number): void {
    if (!this.#histograms.has(name)) this.#histograms.set(name, this.#histogram(name))
    this.#histograms.get(name)?.record(value, labels)
  }

  #observe(metric: SelfMetric, sources: ReadonlyMap<string, readonly [Family, Exposed]>): void {
    const meter = this.#meterOf(metric.scope)
    const options = { description: metric.about, unit: metric.unit, valueType: valueType(metric) }
    const instrument =
      metric.kind === 'counter'
        ? meter.createObservableCounter(metric.name, options)
        : metric.kind === 'gauge'
          ? meter.createObservableGauge(metric.name, options)
          : meter.createObservableUpDownCounter(metric.name, options)
    const keep = keptLabels(this.#views, metric) ?? shownLabels(metric, this.#level)
    instrument.addCallback((result) => {
      const all = [...sources.values()].flatMap(([family, exposed]) => valuesOf(family, exposed))
      for (const [labels, value] of keep === undefined ? all : summed(all, keep)) {
        result.observe(value, labels)
      }
    })
  }

  #histogram(name: string): Histogram | undefined {
    const { metric } = exposedAs(name, 'histogram')
    if (!isShown(metric, this.#level)) return undefined
    return this.#meterOf(metric.scope).createHistogram(metric.name, {
      description: metric.about,
      unit: metric.unit,
      valueType: valueType(metric),
      ...(metric.buckets && { advice: { explicitBucketBoundaries: [...metric.buckets] } }),
    })
  }
}

const valueType = ({ unit }: SelfMetric) => (unit === 's' ? ValueType.DOUBLE : ValueType.INT)

type Value = readonly [labels: Labels, value: number]

function valuesOf(family: Family, { label }: Exposed): Value[] {
  const more = label === undefined ? undefined : { [label[0]]: label[1] }
  return [...family.series.values()].map((one) => [
    more === undefined ? one.labels : { ...one.labels, ...more },
    one.read(),
  ])
}

/** With fewer labels: what becomes equal is added up. */
function summed(values: readonly Value[], keep: KeepLabels): Iterable<Value> {
  const sums = new Map<string, Value>()
  for (const [labels, value] of values) {
    const kept = keep(labels)
    const key = JSON.stringify(kept)
    sums.set(key, [kept, value + (sums.get(key)?.[1] ?? 0)])
  }
  return sums.values()
}
