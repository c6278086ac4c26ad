import type { Metric, ResourceMetrics } from '../../pipeline/data/metrics.ts'
import { NO_RECORDED_VALUE, Temporality } from '../../pipeline/data/metrics.ts'
import { resourceKey, scopeKey } from '../../pipeline/metrics/identity.ts'
import type { Family } from '../../pipeline/prometheus/family.ts'
import { join, type LabelSet, sorted } from '../../pipeline/prometheus/labels.ts'
import { metricName } from '../../pipeline/prometheus/names.ts'
import { sampleOf } from '../../pipeline/prometheus/sample.ts'
import { Translation } from '../../pipeline/prometheus/translation.ts'
import { faultOf, typeOf, type Value, valuesOf } from '../../pipeline/prometheus/value.ts'
import { accumulated, type Reason, refusalOf } from './accumulate.ts'
import type { PrometheusConfig } from './config.ts'

/** Series that are kept at once: some 100 MiB. */
const MAX_SERIES = 100_000

interface Series {
  readonly labels: LabelSet
  /** Resource, scope and metric that it comes from. */
  readonly owner: string
  value: Value
  /** Milliseconds, monotonic. */
  seen: number
}

interface Known {
  readonly type: Family['type']
  readonly help: string
  readonly series: Map<string, Series>
}

interface Source {
  readonly key: string
  readonly common: LabelSet
}

/** The newest value of each series, until nothing has been heard of it for `metric_expiration`. */
export class Registry {
  readonly #config: PrometheusConfig
  readonly #translation: Translation
  readonly #now: () => number
  readonly #drop: (reason: Reason, points: number) => void
  readonly #maxSeries: number
  readonly #families = new Map<string, Known>()
  readonly #targets = new Map<string, { readonly labels: LabelSet; readonly seen: number }>()
  #size = 0
  #swept: number

  constructor(
    config: PrometheusConfig,
    now: () => number,
    drop: (reason: Reason, points: number) => void,
    maxSeries = MAX_SERIES,
  ) {
    this.#config = config
    this.#translation = new Translation({
      ...config,
      constantLabels: config.const_labels,
      withoutScope: config.without_scope_info,
      resourceLabels: config.resource_constant_labels,
    })
    this.#now = now
    this.#drop = drop
    this.#maxSeries = maxSeries
    this.#swept = now()
  }

  /** How many series there are. */
  get size(): number {
    return this.#size
  }

  add({ resource, scopeMetrics }: ResourceMetrics): void {
    const now = this.#now()
    if (now - this.#swept > this.#config.metric_expiration) this.#sweep(now)
    const target = this.#translation.target(resource)
    const owner = resourceKey(resource)
    for (const { scope, metrics, schemaUrl } of scopeMetrics) {
      const common = this.#translation.common(resource, scope, schemaUrl)
      const key = `${owner} ${scopeKey(scope)} ${schemaUrl}`
      for (const metric of metrics) this.#addMetric(metric, { key, common }, now)
    }
    if (target === undefined) return
    const id = JSON.stringify([target.get('job'), target.get('instance')])
    if (this.#targets.size < this.#maxSeries || this.#targets.has(id)) {
      this.#targets.set(id, { labels: target, seen: now })
    }
  }

  /** What is to be shown now, in the order of the alphabet. */
  families(): readonly Family[] {
    this.#sweep(this.#now())
    const { send_timestamps: withTime } = this.#config
    const found = [...this.#families].map(
      ([name, { type, help, series }]): Family => ({
        name,
        type,
        help,
        samples: [...series.values()].map(({ labels, value }) => sampleOf(labels, value, withTime)),
      }),
    )
    return [...found, ...this.#targetInfo()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #targetInfo(): Family[] {
    if (this.#targets.size === 0) return []
    const name = this.#translation.targetName
    if (this.#families.has(name)) return [] // somebody sends a metric of that name
    const samples = [...this.#targets.values()].map(({ labels }) => ({
      labels,
      value: { kind: 'number' as const, value: 1 },
    }))
    return [{ name, type: 'gauge', help: 'Target metadata', samples }]
  }

  #addMetric(metric: Metric, source: Source, now: number): void {
    const refusal = refusalOf(metric)
    if (refusal !== undefined) {
      this.#drop(refusal, Math.max(1, metric.data.points.length))
      return
    }
    const type = typeOf(metric)
    const name = metricName(metric, type, this.#translation.naming)
    const family = this.#families.get(name) ?? { type, help: metric.description, series: new Map() }
    if (family.type !== type) {
      this.#drop('type_conflict', metric.data.points.length)
      return
    }
    const owner = `${source.key} ${JSON.stringify([metric.name, metric.unit])}`
    const isDelta = 'temporality' in metric.data && metric.data.temporality === Temporality.delta
    for (const value of valuesOf(metric.data)) {
      const labels = join(this.#translation.labels(value.point.attributes), source.common)
      const reason = this.#put(family, { labels, owner, value, seen: now }, isDelta)
      if (reason !== undefined) this.#drop(reason, 1)
    }
    if (family.series.size > 0) this.#families.set(name, family)
    else this.#families.delete(name)
  }

  #put({ series }: Known, next: Series, isDelta: boolean): Reason | undefined {
    const key = JSON.stringify(sorted(next.labels))
    const known = series.get(key)
    const before = known && !this.#isOld(known.seen, next.seen) ? known : undefined
    if (before !== undefined && before.owner !== next.owner) return 'duplicate_series'
    if ((next.value.point.flags & NO_RECORDED_VALUE) !== 0) {
      if (series.delete(key)) this.#size -= 1
      return undefined
    }
    const fault = faultOf(next.value)
    if (fault !== undefined) return fault
    if (before !== undefined) {
      const value = accumulated(before.value, next.value, isDelta)
      if (typeof value === 'string') return value
      before.value = value
      before.seen = next.seen
      return undefined
    }
    if (known === undefined) {
      if (this.#size >= this.#maxSeries) return 'series_limit'
      this.#size += 1
    }
    series.set(key, next)
    return undefined
  }

  #isOld(seen: number, now: number): boolean {
    return now - seen > this.#config.metric_expiration
  }

  #sweep(now: number): void {
    this.#swept = now
    for (const [name, { series }] of this.#families) {
      for (const [key, { seen }] of series) {
        if (this.#isOld(seen, now) && series.delete(key)) this.#size -= 1
      }
      if (series.size === 0) this.#families.delete(name)
    }
    for (const [id, { seen }] of this.#targets) if (this.#isOld(seen, now)) this.#targets.delete(id)
  }
}
