import {
  type Metric,
  NO_RECORDED_VALUE,
  type ResourceMetrics,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import type { Family, Histogram, TextExemplar } from '../../pipeline/prometheus/family.ts'
import { join, type LabelSet, labelsOf, sorted } from '../../pipeline/prometheus/labels.ts'
import { metricName, unitName } from '../../pipeline/prometheus/names.ts'
import { sampleOf } from '../../pipeline/prometheus/sample.ts'
import { identity, Translation } from '../../pipeline/prometheus/translation.ts'
import {
  type Fault,
  faultOf,
  typeOf,
  type Value,
  valuesOf,
} from '../../pipeline/prometheus/value.ts'
import type { RemoteWriteConfig } from './config.ts'
import { customBuckets } from './custom_buckets.ts'
import { type Row, rowsOf } from './rows.ts'

/** Why a point is not sent: what follows `dropped_` in the counter's name. */
export type Reason = Fault | 'delta' | 'duplicate_sample' | 'no_temporality'

/** `stale` says that the series has ended. */
export type SampleOrStale = number | Histogram | 'stale'

export interface Recorded {
  readonly value: SampleOrStale
  /** Milliseconds since 1970 at which counting began; 0 if nothing is counted, or nobody knows. */
  readonly startMs: number
}

/** All that a batch says of one name and labels. */
export interface Series {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly metadata: Metadata
  /** By milliseconds since 1970. */
  readonly samples: Map<number, Recorded>
  readonly exemplars: TextExemplar[]
  /** How many points began here: of a histogram, which is many series, the first one counts. */
  points: number
}

export interface Metadata {
  readonly name: string
  readonly type: Family['type']
  readonly help: string
  readonly unit: string
}

const TARGET = { type: 'gauge', help: 'Attributes of the resource', unit: '' } as const

/** Makes series of the points of one batch. */
export class SeriesSet {
  readonly #config: RemoteWriteConfig
  readonly #translation: Translation
  readonly #drop: (reason: Reason, points: number) => void
  readonly #series = new Map<string, Series>()
  readonly #metadata = new Map<string, Metadata>()

  constructor(config: RemoteWriteConfig, drop: (reason: Reason, points: number) => void) {
    this.#config = config
    this.#drop = drop
    this.#translation = new Translation({
      ...config,
      constantLabels: config.external_labels,
      withoutScope: config.disable_scope_info,
    })
  }

  get size(): number {
    return this.#series.size
  }

  get series(): Iterable<Series> {
    return this.#series.values()
  }

  /** Of each name, if `send_metadata`. */
  get metadata(): Iterable<Metadata> {
    return this.#metadata.values()
  }

  add({ resource, scopeMetrics }: ResourceMetrics): void {
    let newest = 0
    for (const { scope, metrics, schemaUrl } of scopeMetrics) {
      const common = this.#translation.common(resource, scope, schemaUrl)
      for (const metric of metrics) {
        newest = Math.max(newest, this.#addMetric(metric, common))
      }
    }
    const target = this.#config.target_info.enabled && this.#translation.target(resource)
    if (!target || newest === 0 || target.size === identity(resource).size) return
    const labels = join(target, labelsOf(this.#config.external_labels))
    const name = this.#translation.targetName
    const series = this.#of(name, labels, { ...TARGET, name })
    series.samples.set(newest, { value: 1, startMs: 0 })
  }

  /** Milliseconds of its newest point, or 0. */
  #addMetric(metric: Metric, common: LabelSet): number {
    const refusal = refusalOf(metric)
    if (refusal !== undefined) {
      this.#drop(refusal, Math.max(1, metric.data.points.length))
      return 0
    }
    const type = typeOf(metric)
    const name = metricName(metric, type, this.#translation.naming)
    const metadata = { name, type, help: metric.description, unit: unitName(metric.unit) }
    let newest = 0
    for (const value of valuesOf(metric.data)) {
      const labels = join(this.#translation.labels(value.point.attributes), common)
      const reason = this.#addPoint(metadata, labels, value)
      if (reason === undefined) newest = Math.max(newest, milliseconds(value.point.time))
      else this.#drop(reason, 1)
    }
    if (this.#config.send_metadata && newest > 0) this.#metadata.set(name, metadata)
    return newest
  }

  #addPoint(metadata: Metadata, labels: LabelSet, value: Value): Reason | undefined {
    const isStale = (value.point.flags & NO_RECORDED_VALUE) !== 0
    const fault = faultOf(value)
    if (fault !== undefined && !(isStale && fault === 'no_data')) return fault
    const timeMs = milliseconds(value.point.time)
    const startMs = value.kind === 'gauge' ? 0 : milliseconds(value.point.start)
    let isFirst = true
    for (const row of this.#rowsOf(metadata.name, labels, value)) {
      const series = this.#of(row.name, row.labels, metadata)
      if (isFirst && series.samples.has(timeMs)) return 'duplicate_sample'
      if (isFirst) series.points += 1
      isFirst = false
      series.samples.set(timeMs, { value: isStale ? 'stale' : row.value, startMs })
      series.exemplars.push(...(row.exemplars ?? []).filter(({ time }) => time[0] > 0))
    }
    return undefined
  }

  *#rowsOf(name: string, labels: LabelSet, value: Value): Generator<Row> {
    const isNative = value.kind === 'histogram' && this.#config.convert_explicit_histograms_to_nhcb
    if (isNative) yield* rowsOf(name, { labels, value: customBuckets(value.point) })
    if (isNative && !this.#config.keep_classic_histograms) return
    yield* rowsOf(name, sampleOf(labels, value, false))
  }

  /** A label without a value is none. */
  #of(name: string, labels: LabelSet, metadata: Metadata): Series {
    const pairs = sorted(new Map([...labels, ['__name__', name]])).filter(([, text]) => text !== '')
    const key = JSON.stringify(pairs)
    const known = this.#series.get(key)
    if (known !== undefined) return known
    const series = { labels: pairs, metadata, samples: new Map(), exemplars: [], points: 0 }
    this.#series.set(key, series)
    return series
  }
}

export const milliseconds = ([seconds, nanoseconds]: UnixTime): number =>
  seconds * 1000 + Math.floor(nanoseconds / 1e6)

/** Prometheus has no deltas; adding up is delta_to_cumulative's. */
function refusalOf({ data }: Metric): Reason | undefined {
  if (data.kind === 'empty') return 'no_data'
  if (!('temporality' in data) || data.temporality === Temporality.cumulative) return undefined
  return data.temporality === Temporality.delta ? 'delta' : 'no_temporality'
}
