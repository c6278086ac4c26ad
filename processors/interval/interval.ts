import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import { type MetricData, type ResourceMetrics, Temporality } from '../../pipeline/data/metrics.ts'
import { PeriodicFlush } from '../../pipeline/metrics/periodic_flush.ts'
import type { IntervalConfig } from './config.ts'
import { Gathered } from './gathered.ts'

/** The Collector has no bound; here what is gathered is sent early then. */
const MAX_STREAMS = 500_000

/** Gathers metrics that may wait; all others go on at once. */
export class Interval implements Component, Consumer<MetricBatch> {
  readonly #ctx: Context
  readonly #config: IntervalConfig
  readonly #next: Consumer<MetricBatch>
  readonly #gathered = new Gathered()
  readonly #flush: PeriodicFlush

  constructor(ctx: Context, config: IntervalConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#flush = new PeriodicFlush(ctx, config.interval, () => this.#send())
    ctx.gauge('streams', () => this.#gathered.size)
  }

  start(): Promise<void> {
    return this.#flush.start()
  }

  /** Sends what waits. */
  shutdown(): Promise<void> {
    return this.#flush.shutdown()
  }

  async consume(batch: MetricBatch, info: Info): Promise<void> {
    const others = batch.mapKept((data) => this.#gather(data))
    if (this.#gathered.size >= MAX_STREAMS) {
      this.#ctx.count('noted_sent_early', 1)
      await this.#flush.flush()
    }
    if (others !== undefined) await this.#next.consume(others, info)
  }

  /** What is left of a resource. */
  #gather(data: ResourceMetrics): ResourceMetrics | undefined {
    const scopeMetrics = data.scopeMetrics.flatMap((scope) => {
      const metrics = scope.metrics.filter((metric) => {
        if (!this.#waits(metric.data)) return true
        this.#gathered.add(data, scope, metric)
        return false
      })
      return metrics.length === 0 ? [] : [{ ...scope, metrics }]
    })
    return scopeMetrics.length === 0 ? undefined : { ...data, scopeMetrics }
  }

  #waits(data: MetricData): boolean {
    switch (data.kind) {
      case 'gauge':
        return !this.#config.pass_through.gauge
      case 'summary':
        return !this.#config.pass_through.summary
      case 'sum':
        return data.monotonic && data.temporality === Temporality.cumulative
      case 'histogram':
      case 'exponential_histogram':
        return data.temporality === Temporality.cumulative
      case 'empty':
        return false
    }
  }

  async #send(): Promise<void> {
    const data = this.#gathered.take()
    if (data.length > 0) await this.#next.consume(metricBatch(data), {})
  }
}
