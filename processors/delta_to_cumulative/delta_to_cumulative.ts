import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import { type Metric, Temporality } from '../../pipeline/data/metrics.ts'
import {
  type Add,
  addExponentials,
  addHistograms,
  addNumbers,
} from '../../pipeline/metrics/add_points.ts'
import { isBefore } from '../../pipeline/metrics/aggregate.ts'
import { type AnyPoint, mapStreams, StreamStates } from '../../pipeline/metrics/streams.ts'
import type { CumulativeConfig } from './config.ts'

type KeyOf = (attributes: AnyPoint['attributes']) => string

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
