import { randomUUID } from 'node:crypto'
import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { Attribute } from '../../pipeline/data/attributes.ts'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch, type TraceBatch } from '../../pipeline/data/batch.ts'
import type { Exemplar } from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { type UnixTime, wallTime } from '../../pipeline/data/time.ts'
import { type ResourceSpans, type Span, spanMs } from '../../pipeline/data/traces.ts'
import { adjustedCount } from '../../pipeline/metrics/adjusted_count.ts'
import { attributesKey } from '../../pipeline/metrics/identity.ts'
import { PeriodicFlush } from '../../pipeline/metrics/periodic_flush.ts'
import { ResourceTable } from '../../pipeline/metrics/resource_table.ts'
import { exemplify, keyOf, type Series } from '../../pipeline/metrics/series.ts'
import type { SpanMetricsConfig } from './config.ts'
import { compileEventLabels, compileLabels } from './dimensions.ts'
import { ResourceState, takeMetrics } from './resource_metrics.ts'

const SCOPE: Scope = {
  name: 'spanmetricsconnector',
  version: '',
  attributes: [],
  droppedAttributesCount: 0,
}

/** Counts spans and their durations, and sends metrics of them now and then. */
export class SpanMetrics implements Component, Consumer<TraceBatch> {
  readonly #config: SpanMetricsConfig
  readonly #ctx: Context
  readonly #flush: PeriodicFlush
  readonly #next: Consumer<MetricBatch>
  readonly #resources: ResourceTable<ResourceState>
  readonly #callLabels
  readonly #durationLabels
  readonly #eventLabels

  constructor(ctx: Context, config: SpanMetricsConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#resources = new ResourceTable(config.resource_metrics_cache_size, () =>
      ctx.count('dropped_resources', 1),
    )
    const id = randomUUID()
    this.#callLabels = compileLabels(config, config.calls_dimensions, id)
    this.#durationLabels = compileLabels(config, config.histogram.dimensions, id)
    this.#eventLabels = compileEventLabels(config.events.dimensions)
    this.#flush = new PeriodicFlush(ctx, config.metrics_flush_interval, () => this.#send())
    ctx.gauge('resources', () => this.#resources.size)
    ctx.gauge('series', () => this.#seriesCount())
    if (config.dimensions_cache_size > 0) {
      ctx.log.warn(
        'dimensions_cache_size changes nothing, aggregation_cardinality_limit is the bound',
      )
    }
  }

  start(): Promise<void> {
    return this.#flush.start()
  }

  shutdown(): Promise<void> {
    return this.#flush.shutdown()
  }

  consume(batch: TraceBatch): Promise<void> {
    for (const data of batch.resources()) this.#countResource(data)
    return Promise.resolve()
  }

  #countResource({ resource, scopeSpans }: ResourceSpans): void {
    const now = this.#ctx.now()
    const state = this.#stateOf(resource, now)
    const time = wallTime()
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) this.#countSpan(state, span, scope, now, time)
    }
  }

  #stateOf(resource: Resource, now: number): ResourceState {
    const keys = this.#config.resource_metrics_key_attributes
    const meant = (one: Attribute) => keys.length === 0 || keys.includes(one.key)
    const key = attributesKey(resource.attributes.filter(meant))
    return this.#resources.at(key, () => new ResourceState(resource, this.#config), now)
  }

  #countSpan(state: ResourceState, span: Span, scope: Scope, now: number, time: UnixTime): void {
    const { histogram, events, enable_metrics_sampling_method: method } = this.#config
    const weight = adjustedCount(span.traceState)
    const how = method
      ? [string('sampling.method', span.traceState.includes('th:') ? 'extrapolated' : 'counted')]
      : []
    const labels = [...this.#callLabels(span, state.resource, scope), ...how]
    const calls = state.calls.at(keyOf(labels), labels, now, time)
    calls.state.count += weight
    this.#exemplify(calls, span, { kind: 'int', value: 1 })
    if (!histogram.disable) {
      const own = [...this.#durationLabels(span, state.resource, scope), ...how]
      const series = state.durations.at(keyOf(own), own, now, time)
      const value = durationOf(span, histogram.unit)
      series.state.record(value, weight)
      this.#exemplify(series, span, { kind: 'double', value })
    }
    if (events.enabled) this.#countEvents(state, span, labels, weight, now, time)
  }

  #countEvents(
    state: ResourceState,
    span: Span,
    labels: readonly Attribute[],
    weight: number,
    now: number,
    time: UnixTime,
  ): void {
    for (const event of span.events) {
      const own = this.#eventLabels(labels, event.attributes, state.resource)
      state.events.at(keyOf(own), own, now, time).state.count += weight
    }
  }

  #exemplify<T>(series: Series<T>, span: Span, value: Exemplar['value']): void {
    const { enabled, max_per_data_point: limit } = this.#config.exemplars
    const { traceId, spanId, end: time } = span
    if (enabled) exemplify(series, limit, { traceId, spanId, time }, value)
  }

  #seriesCount(): number {
    const states = [...this.#resources]
    return states.reduce(
      (sum, one) => sum + one.calls.size + one.durations.size + one.events.size,
      0,
    )
  }

  /** What is too old goes after it was sent once more. */
  async #send(): Promise<void> {
    const time = wallTime()
    const data = [...this.#resources].flatMap((state) => {
      const metrics = takeMetrics(state, this.#config, time)
      if (metrics.length === 0) return []
      const scopeMetrics = [{ scope: SCOPE, metrics, schemaUrl: '' }]
      return [{ resource: state.resource, scopeMetrics, schemaUrl: '' }]
    })
    this.#expire()
    if (data.length > 0) await this.#next.consume(metricBatch(data), {})
  }

  #expire(): void {
    const { metrics_expiration: ofResources, series_expiration: ofSeries } = this.#config
    const now = this.#ctx.now()
    if (ofResources > 0) this.#resources.expire(now - ofResources)
    if (ofSeries === 0) return
    for (const state of this.#resources) {
      for (const table of [state.calls, state.durations, state.events]) table.expire(now - ofSeries)
    }
  }
}

/** In the unit of the histogram; a span that ends before it starts took no time. */
const durationOf = (span: Span, unit: 'ms' | 's'): number =>
  unit === 's' ? spanMs(span) / 1000 : spanMs(span)
