import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import {
  type ExponentialHistogramPoint,
  type HistogramPoint,
  type Metric,
  type NumberPoint,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import { addIntegers, isBefore, joined, mergeHistogram } from '../../pipeline/metrics/aggregate.ts'
import { mergeExponential } from '../../pipeline/metrics/exponential.ts'
import { type AnyPoint, mapStreams, StreamStates } from '../../pipeline/metrics/streams.ts'
import type { CumulativeConfig } from './factory.ts'

type KeyOf = (attributes: AnyPoint['attributes']) => string
type Add<P> = (total: P, point: P) => P

/** Sum and new point; of all else what the new point has. */
function addNumbers(total: NumberPoint, point: NumberPoint): NumberPoint {
  const [a, b] = [total.value, point.value]
  const { start } = total
  if (b.kind === 'none' || a.kind === 'none') return { ...point, start, value: a }
  if (a.kind === 'int' && b.kind === 'int') {
    return { ...point, start, value: { kind: 'int', value: addIntegers(a.value, b.value) } }
  }
  return { ...point, start, value: { kind: 'double', value: Number(a.value) + Number(b.value) } }
}

const addHistograms: Add<HistogramPoint> = (total, point) => ({
  ...mergeHistogram(total, point),
  flags: point.flags,
  exemplars: point.exemplars,
})

const addExponentials: Add<ExponentialHistogramPoint> = (total, point) => ({
  ...mergeExponential(total, point),
  ...joined(total, point),
  flags: point.flags,
  exemplars: point.exemplars,
})

/** Remembers the total of each stream. */
export class DeltaToCumulative implements Component, Consumer<MetricBatch> {
  readonly #ctx: Context
  readonly #config: CumulativeConfig
  readonly #next: Consumer<MetricBatch>
  readonly #totals: StreamStates<AnyPoint>

  constructor(ctx: Context, config: CumulativeConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#totals = new StreamStates(config.max_streams)
    ctx.gauge('streams', () => this.#totals.size)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  async consume(batch: MetricBatch, info: Info): Promise<void> {
    this.#totals.expire(this.#ctx.now() - this.#config.max_stale)
    const after = batch.mapKept((data) =>
      mapStreams(data, (metric, keyOf) => this.#convert(metric, keyOf)),
    )
    if (after !== undefined) await this.#next.consume(after, info)
  }

  #convert(metric: Metric, keyOf: KeyOf): Metric {
    const { data } = metric
    if (!('temporality' in data) || data.temporality !== Temporality.delta) return metric
    const temporality = Temporality.cumulative
    switch (data.kind) {
      case 'sum':
        return {
          ...metric,
          data: { ...data, temporality, points: this.#points(data.points, keyOf, addNumbers) },
        }
      case 'histogram':
        return {
          ...metric,
          data: { ...data, temporality, points: this.#points(data.points, keyOf, addHistograms) },
        }
      case 'exponential_histogram':
        return {
          ...metric,
          data: { ...data, temporality, points: this.#points(data.points, keyOf, addExponentials) },
        }
    }
  }

  #points<P extends AnyPoint>(points: readonly P[], keyOf: KeyOf, add: Add<P>): readonly P[] {
    return points.flatMap((point) => {
      const key = keyOf(point.attributes)
      const total = this.#totals.get(key) as P | undefined
      if (total !== undefined && !isBefore(total.time, point.time)) return this.#drop('late')
      const sum = total === undefined ? point : add(total, point)
      return this.#totals.put(key, sum, this.#ctx.now()) ? sum : this.#drop('too_many_streams')
    })
  }

  #drop(reason: string): [] {
    this.#ctx.count(`dropped_${reason}`, 1)
    return []
  }
}
