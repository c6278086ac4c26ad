import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import {
  type Metric,
  type MetricData,
  NO_RECORDED_VALUE,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { isBefore } from '../../pipeline/metrics/aggregate.ts'
import { exponentialDelta, histogramDelta, numberDelta } from '../../pipeline/metrics/delta.ts'
import { type AnyPoint, mapStreams, StreamStates } from '../../pipeline/metrics/streams.ts'
import { compileExpression } from '../../pipeline/regexp.ts'
import type { DeltaConfig, MatchConfig } from './config.ts'

const MAX_STREAMS = 1_000_000 // of a node, more than any has; each takes some 500 bytes

type KeyOf = (attributes: AnyPoint['attributes']) => string
type Delta<P> = (now: P, before: P) => P | undefined

/** Remembers the last point of each stream. */
export class CumulativeToDelta implements Component, Consumer<MetricBatch> {
  readonly #ctx: Context
  readonly #config: DeltaConfig
  readonly #next: Consumer<MetricBatch>
  readonly #last = new StreamStates<AnyPoint>(MAX_STREAMS)
  readonly #started: UnixTime = [Math.floor(Date.now() / 1000), 0]
  readonly #isMeant: (metric: Metric) => boolean

  constructor(ctx: Context, config: DeltaConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    const [include, exclude] = [compileMatch(config.include), compileMatch(config.exclude)]
    this.#isMeant = (metric) => include?.(metric) !== false && exclude?.(metric) !== true
    ctx.gauge('streams', () => this.#last.size)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  async consume(batch: MetricBatch, info: Info): Promise<void> {
    const { max_staleness: staleness } = this.#config
    if (staleness > 0) this.#last.expire(this.#ctx.now() - staleness)
    const after = batch.mapKept((data) =>
      mapStreams(data, (metric, keyOf) => this.#convert(metric, keyOf)),
    )
    if (after !== undefined) await this.#next.consume(after, info)
  }

  /** Monotonic sums and histograms; all else stays. */
  #convert(metric: Metric, keyOf: KeyOf): Metric {
    const { data } = metric
    if (!('temporality' in data) || data.temporality !== Temporality.cumulative) return metric
    if (data.kind === 'sum' && !data.monotonic) return metric
    if (!this.#isMeant(metric)) return metric
    return { ...metric, data: this.#convertData(data, keyOf) }
  }

  #convertData(
    data: Exclude<MetricData, { kind: 'gauge' | 'summary' | 'empty' }>,
    keyOf: KeyOf,
  ): MetricData {
    const temporality = Temporality.delta
    switch (data.kind) {
      case 'sum':
        return { ...data, temporality, points: this.#points(data.points, keyOf, numberDelta) }
      case 'histogram':
        return { ...data, temporality, points: this.#points(data.points, keyOf, histogramDelta) }
      case 'exponential_histogram':
        return { ...data, temporality, points: this.#points(data.points, keyOf, exponentialDelta) }
    }
  }

  #points<P extends AnyPoint>(points: readonly P[], keyOf: KeyOf, delta: Delta<P>): readonly P[] {
    return points.flatMap((point) => {
      if ((point.flags & NO_RECORDED_VALUE) !== 0) return this.#drop('no_value')
      if (isNaNPoint(point)) return this.#drop('no_value')
      const key = `${keyOf(point.attributes)}\0${point.start.join()}`
      const before = this.#last.get(key) as P | undefined
      if (before !== undefined && !isBefore(before.time, point.time)) return this.#drop('late')
      if (!this.#last.put(key, point, this.#ctx.now())) return this.#drop('too_many_streams')
      if (before === undefined) return this.#first(point)
      return delta(point, before) ?? this.#drop('reset')
    })
  }

  #drop(reason: string): [] {
    this.#ctx.count(`dropped_${reason}`, 1)
    return []
  }

  /** By `keep` nobody knows since when it counts; by `auto` it counts since its own start, if that is not before weir's. */
  #first<P extends AnyPoint>(point: P): readonly P[] {
    const { initial_value: initial } = this.#config
    if (initial === 'keep') return [{ ...point, start: [0, 0] }]
    const told = initial === 'auto' && isBefore(point.start, point.time)
    return told && !isBefore(point.start, this.#started) ? [point] : this.#drop('first_value')
  }
}

/** How some tell that a stream has ended. */
const isNaNPoint = (point: AnyPoint): boolean =>
  'value' in point && point.value.kind === 'double' && Number.isNaN(point.value.value)

/** Whether a metric is one of those that are told; undefined if none are. */
function compileMatch(match: MatchConfig | undefined): ((metric: Metric) => boolean) | undefined {
  if (match === undefined || match.metrics.length + match.metric_types.length === 0)
    return undefined
  const types = new Set<string>(match.metric_types)
  const names = new Set(match.metrics)
  const expressions = match.match_type === 'regexp' ? match.metrics.map(compileExpression) : []
  const isName = (name: string) =>
    names.size === 0 || names.has(name) || expressions.some((one) => one.test(name))
  return ({ name, data }) =>
    isName(name) && (types.size === 0 || types.has(data.kind.replaceAll('_', '')))
}
