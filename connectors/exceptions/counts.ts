import type { Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import { type Batch, type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import { Temporality } from '../../pipeline/data/metrics.ts'
import type { Scope } from '../../pipeline/data/resource.ts'
import { wallTime } from '../../pipeline/data/time.ts'
import {
  type Counted,
  exemplify,
  forgetSent,
  keyOf,
  SeriesTable,
} from '../../pipeline/metrics/series.ts'
import { counterData } from '../../pipeline/metrics/series_points.ts'
import type { ExceptionsConfig } from './config.ts'
import { type Found, labelsOf } from './exceptions.ts'

/** The Collector has no bound; what comes beyond shares one series with otel.metric.overflow. */
const MAX_SERIES = 10_000
/** Of a series between two batches. */
const MAX_EXEMPLARS = 5

const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
const SCOPE: Scope = { name: 'exceptionsconnector', version: '', ...RESOURCE }

/** Counts exceptions, and sends how many there were after each batch that had some. */
export class ExceptionCounts<R> implements Component, Consumer<Batch<R>> {
  readonly #ctx: Context
  readonly #config: ExceptionsConfig
  readonly #exceptionsOf: (data: R) => Found[]
  readonly #next: Consumer<MetricBatch>
  readonly #series = new SeriesTable<Counted>(MAX_SERIES, () => ({ count: 0 }))

  constructor(
    ctx: Context,
    config: ExceptionsConfig,
    exceptionsOf: (data: R) => Found[],
    next: Consumer<MetricBatch>,
  ) {
    this.#ctx = ctx
    this.#config = config
    this.#exceptionsOf = exceptionsOf
    this.#next = next
    ctx.gauge('series', () => this.#series.size)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }

  async consume(batch: Batch<R>, info: Info): Promise<void> {
    const found = batch.resources().flatMap(this.#exceptionsOf)
    if (found.length === 0) return
    for (const one of found) this.#add(one)
    const data = counterData(this.#series, wallTime(), Temporality.cumulative)
    forgetSent(this.#series, false)
    const metric = { name: 'exceptions', description: '', unit: '', metadata: [], data }
    const scopeMetrics = [{ scope: SCOPE, metrics: [metric], schemaUrl: '' }]
    const all = [{ resource: RESOURCE, scopeMetrics, schemaUrl: '' }]
    await this.#next.consume(metricBatch(all), info)
  }

  #add(found: Found): void {
    const labels = labelsOf(found, this.#config)
    const time = wallTime()
    const series = this.#series.at(keyOf(labels), labels, this.#ctx.now(), time)
    series.state.count += found.weight
    if (!this.#config.exemplars.enabled) return
    const { traceId, spanId } = found
    const value = { kind: 'double', value: series.state.count } as const
    exemplify(series, MAX_EXEMPLARS, { traceId, spanId, time }, value)
  }
}
