import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { Attribute } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch, type TraceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { type UnixTime, wallTime } from '../../pipeline/data/time.ts'
import { type ResourceSpans, type Span, spanMs } from '../../pipeline/data/traces.ts'
import { adjustedCount } from '../../pipeline/metrics/adjusted_count.ts'
import { attributesKey } from '../../pipeline/metrics/identity.ts'
import { PeriodicFlush } from '../../pipeline/metrics/periodic_flush.ts'
import { ResourceTable } from '../../pipeline/metrics/resource_table.ts'
import { exemplify, keyOf, type Series } from '../../pipeline/metrics/series.ts'
import { isDelta, type SpanMetricsConfig } from './config.ts'
import { DeltaStarts } from './delta_starts.ts'
import { compileLabels, serviceOf } from './dimensions.ts'
import { ResourceState, takeMetrics } from './resource_metrics.ts'

const SCOPE: Scope = {
  name: 'spanmetricsconnector',
  version: '',
  attributes: [],
  droppedAttributesCount: 0,
}

const TABLES = ['calls', 'durations', 'events'] as const
type Table = (typeof TABLES)[number]

/** Whose span it is, and when it came. */
interface At {
  readonly state: ResourceState
  readonly service: string
  readonly now: number
  readonly time: UnixTime
}

/** Counts spans and their durations, and sends metrics of them now and then. */
export class SpanMetrics implements Component, Consumer<TraceBatch> {
  readonly #config: SpanMetricsConfig
  readonly #ctx: Context
  readonly #flush: PeriodicFlush
  readonly #next: Consumer<MetricBatch>
  readonly #resources: ResourceTable<ResourceState>
  /** They had to make room, and are sent once more. By key. */
  readonly #leaving = new Map<string, ResourceState>()
  readonly #callLabels
  readonly #durationLabels
  readonly #eventLabels
  readonly #starts: DeltaStarts | undefined
  #isEnding = false

  constructor(ctx: Context, config: SpanMetricsConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#resources = new ResourceTable(config.resource_metrics_cache_size, (key, state) => {
      ctx.count('dropped_resources', 1)
      if (this.#leaving.size < config.resource_metrics_cache_size) this.#leaving.set(key, state)
    })
    this.#callLabels = compileLabels(config, config.calls_dimensions)
    this.#durationLabels = compileLabels(config, config.histogram.dimensions)
    this.#eventLabels = compileLabels(config, config.events.dimensions)
    this.#starts = isDelta(config) ? new DeltaStarts(config.metric_timestamp_cache_size) : undefined
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
    this.#isEnding = false
    return this.#flush.start()
  }

  shutdown(): Promise<void> {
    this.#isEnding = true
    return this.#flush.shutdown()
  }

  consume(batch: TraceBatch): Promise<void> {
    for (const data of batch.resources()) this.#countResource(data)
    return Promise.resolve()
  }

  #countResource({ resource, scopeSpans }: ResourceSpans): void {
    const service = serviceOf(resource.attributes)
    if (service === undefined) {
      const spans = scopeSpans.reduce((sum, scope) => sum + scope.spans.length, 0)
      this.#ctx.count('skipped_no_service_name', spans)
      return
    }
    const now = this.#ctx.now()
    const at = { state: this.#stateOf(resource, now), service, now, time: wallTime() }
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) this.#countSpan(span, scope, at)
    }
  }

  #stateOf(resource: Resource, now: number): ResourceState {
    const keys = this.#config.resource_metrics_key_attributes
    const meant = (one: Attribute) => keys.length === 0 || keys.includes(one.key)
    const key = attributesKey(resource.attributes.filter(meant))
    return this.#resources.at(key, () => this.#comeBack(key, resource), now)
  }

  #comeBack(key: string, resource: Resource): ResourceState {
    const left = this.#leaving.get(key)
    this.#leaving.delete(key)
    return left ?? new ResourceState(key, resource, this.#config)
  }

  #countSpan(span: Span, scope: Scope, at: At): void {
    const { histogram, events } = this.#config
    const weight = adjustedCount(span.traceState)
    const lists = [span.attributes, at.state.resource.attributes]
    const value = durationOf(span, histogram.unit)
    const calls = this.#series(at, 'calls', this.#callLabels(span, at.service, scope, lists))
    calls.state.count += weight
    this.#exemplify(calls, span, value)
    if (!histogram.disable) {
      const labels = this.#durationLabels(span, at.service, scope, lists)
      const series = this.#series(at, 'durations', labels)
      series.state.record(value, weight)
      this.#exemplify(series, span, value)
    }
    if (!events.enabled) return
    for (const event of span.events) {
      const from = [span.attributes, event.attributes, at.state.resource.attributes]
      const labels = this.#eventLabels(span, at.service, scope, from)
      const series = this.#series(at, 'events', labels)
      series.state.count += weight
      this.#exemplify(series, span, value)
    }
  }

  #series<T extends Table>({ state, now, time }: At, table: T, labels: readonly Attribute[]) {
    const key = keyOf(labels)
    const start = this.#starts?.of({ resource: state.key, metric: table, labels: key }) ?? time
    return state[table].at(key, labels, now, start) as ReturnType<ResourceState[T]['at']>
  }

  #exemplify<T>(series: Series<T>, span: Span, value: number): void {
    const { enabled, max_per_data_point: limit } = this.#config.exemplars
    const { traceId, spanId, end: time } = span
    if (enabled) exemplify(series, limit, { traceId, spanId, time }, { kind: 'double', value })
  }

  #states(): readonly ResourceState[] {
    return [...this.#resources, ...this.#leaving.values()]
  }

  #seriesCount(): number {
    const tables = this.#states().flatMap((one) => TABLES.map((table) => one[table]))
    return tables.reduce((sum, { size }) => sum + size, 0)
  }

  /** What is too old goes after it was sent once more. */
  async #send(): Promise<void> {
    const time = wallTime()
    const data = this.#states().flatMap((state) => {
      this.#keepStarts(state, time)
      const isLast = this.#isEnding || this.#leaving.has(state.key)
      const metrics = takeMetrics(state, this.#config, time, isLast)
      if (metrics.length === 0) return []
      const scopeMetrics = [{ scope: SCOPE, metrics, schemaUrl: '' }]
      return [{ resource: state.resource, scopeMetrics, schemaUrl: '' }]
    })
    this.#leaving.clear()
    this.#expire()
    if (data.length > 0) await this.#next.consume(metricBatch(data), {})
  }

  #keepStarts(state: ResourceState, time: UnixTime): void {
    if (this.#starts === undefined) return
    for (const metric of TABLES) {
      for (const { attributes } of state[metric].values()) {
        this.#starts.set({ resource: state.key, metric, labels: keyOf(attributes) }, time)
      }
    }
  }

  #expire(): void {
    const { metrics_expiration: ofResources, series_expiration: ofSeries } = this.#config
    const now = this.#ctx.now()
    if (ofResources > 0) this.#resources.expire(now - ofResources)
    if (ofSeries === 0) return
    for (const state of this.#resources) {
      for (const table of TABLES) state[table].expire(now - ofSeries)
    }
  }
}

/** In the unit of the histogram; a span that ends before it starts took no time. */
const durationOf = (span: Span, unit: 'ms' | 's'): number =>
  unit === 's' ? spanMs(span) / 1000 : spanMs(span)
