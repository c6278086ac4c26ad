import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import { type Attributes, attributeIn } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch, type TraceBatch } from '../../pipeline/data/batch.ts'
import type { Scope } from '../../pipeline/data/resource.ts'
import { type UnixTime, unixTime } from '../../pipeline/data/time.ts'
import { type Span, SpanKind, StatusCode, spanMs } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { adjustedCount } from '../../pipeline/metrics/adjusted_count.ts'
import { PeriodicFlush } from '../../pipeline/metrics/periodic_flush.ts'
import { timerMs } from '../../pipeline/timer.ts'
import type { ServiceGraphConfig } from './config.ts'
import { type Edge, EdgeStore, newEdge } from './edge.ts'
import { EdgeMetrics } from './edge_metrics.ts'

/** Series that nothing was added to for so long go. */
const STALE_MS = 15 * 60_000

const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
const SCOPE: Scope = { name: 'traces_service_graph', version: '', ...RESOURCE }

/** The first of some attributes that is there. */
function firstOf(names: readonly string[], ...lists: readonly Attributes[]): string | undefined {
  for (const name of names) {
    const found = attributeIn(lists, name)
    if (found !== undefined) return valueText(found)
  }
  return undefined
}

/** As in the Collector an empty list is as good as none. */
function databasesOf(config: ServiceGraphConfig): readonly string[] {
  const { database_name_attributes: names, database_name_attribute: older } = config
  const all = [...names, older].filter((name) => name !== '')
  return all.length === 0 ? ['db.name'] : all
}

/** Pairs the spans of clients and servers to requests, and sends metrics of who calls whom. */
export class ServiceGraph implements Component, Consumer<TraceBatch> {
  readonly #config: ServiceGraphConfig
  readonly #ctx: Context
  readonly #next: Consumer<MetricBatch>
  readonly #databases: readonly string[]
  readonly #flush: PeriodicFlush
  readonly #metrics: EdgeMetrics
  readonly #store: EdgeStore
  readonly #timers: NodeJS.Timeout[] = []

  constructor(ctx: Context, config: ServiceGraphConfig, next: Consumer<MetricBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#databases = databasesOf(config)
    this.#metrics = new EdgeMetrics(config)
    this.#flush = new PeriodicFlush(ctx, config.metrics_flush_interval, () => this.#send())
    this.#store = new EdgeStore(
      config.store,
      (edge) => this.#complete(edge),
      (edge) => this.#expired(edge),
    )
    ctx.gauge('waiting_edges', () => this.#store.size)
    ctx.gauge('series', () => this.#metrics.size)
    if (config.metrics_exporter !== '') ctx.log.warn('metrics_exporter changes nothing')
  }

  async start(): Promise<void> {
    const { cache_loop: cacheMs, store_expiration_loop: storeMs } = this.#config
    const every = (ms: number, run: (now: number) => void) =>
      this.#timers.push(setInterval(() => run(this.#ctx.now()), timerMs(ms)).unref())
    every(storeMs > 0 ? storeMs : 2000, (now) => this.#store.expire(now))
    every(cacheMs > 0 ? cacheMs : 60_000, (now) => this.#metrics.expire(now - STALE_MS))
    if (this.#config.metrics_flush_interval > 0) await this.#flush.start()
  }

  /** What still waits for its other side waited long enough. */
  async shutdown(): Promise<void> {
    if (this.#timers.length === 0) return
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    this.#store.expire(Number.POSITIVE_INFINITY)
    if (this.#config.metrics_flush_interval > 0) await this.#flush.shutdown()
    else await this.#flush.flush()
  }

  async consume(batch: TraceBatch): Promise<void> {
    for (const { resource, scopeSpans } of batch.resources()) {
      const service = firstOf(['service.name'], resource.attributes) ?? ''
      const spans = scopeSpans.flatMap((scope) => scope.spans)
      if (service === '') this.#ctx.count('skipped_no_service_name', spans.length)
      else for (const span of spans) this.#add(span, service, resource.attributes)
    }
    if (this.#config.metrics_flush_interval === 0) await this.#flush.flush()
  }

  #add(span: Span, service: string, resource: Attributes): void {
    const { client, producer, server, consumer } = SpanKind
    if (span.kind === client || span.kind === producer) {
      this.#upsert(`${span.traceId}${span.spanId}`, false, (edge) =>
        this.#asClient(edge, span, service, resource),
      )
    } else if (span.kind === server || span.kind === consumer) {
      const update = (edge: Edge) => this.#asServer(edge, span, service, resource)
      this.#upsert(`${span.traceId}${span.parentSpanId}`, span.parentSpanId === '', update)
    }
  }

  #upsert(key: string, fromOutside: boolean, update: (edge: Edge) => void): void {
    const now = this.#ctx.now()
    const outcome = this.#store.upsert(key, fromOutside, now, update)
    if (outcome === 'new') this.#ctx.count('total_edges', 1)
    if (outcome !== 'full') return
    const lost = newEdge(key, fromOutside, now)
    update(lost)
    this.#ctx.count('dropped_spans', 1)
    this.#metrics.dropped(lost, now, this.#time())
  }

  #asClient(edge: Edge, span: Span, service: string, resource: Attributes): void {
    edge.client = service
    edge.clientSeconds = spanMs(span) / 1000
    edge.peer = firstOf(this.#config.virtual_node_peer_attributes, span.attributes) ?? edge.peer
    this.#asEither(edge, span, 'client', resource)
    const database = firstOf(this.#databases, resource, span.attributes)
    if (database === undefined) return
    edge.type = 'database' // which sends no spans: that of the client tells everything
    edge.server = database
    edge.serverSeconds = edge.clientSeconds
  }

  #asServer(edge: Edge, span: Span, service: string, resource: Attributes): void {
    edge.server = service
    edge.serverSeconds = spanMs(span) / 1000
    this.#asEither(edge, span, 'server', resource)
  }

  #asEither(edge: Edge, span: Span, side: 'client' | 'server', resource: Attributes): void {
    const { producer, consumer } = SpanKind
    edge.type = span.kind === producer || span.kind === consumer ? 'messaging_system' : ''
    edge.failed ||= span.status.code === StatusCode.error
    edge.weight = adjustedCount(span.traceState)
    for (const name of this.#config.dimensions) {
      const value = firstOf([name], resource, span.attributes)
      if (value !== undefined) edge.labels.set(`${side}_${name}`, value)
    }
  }

  #complete(edge: Edge): void {
    this.#metrics.complete(edge, this.#ctx.now(), this.#time())
  }

  /** One side stays a virtual node, if it is known that it sends no spans. */
  #expired(edge: Edge): void {
    this.#ctx.count('expired_edges', 1)
    const { virtual_node_peer_attributes: peers } = this.#config
    const virtual = edge.server === '' ? 'server' : 'client'
    if (peers.length === 0 || (virtual === 'client' && !edge.fromOutside)) {
      this.#metrics.unpaired(edge, this.#ctx.now(), this.#time())
      return
    }
    edge.type = 'virtual_node'
    edge.virtualNode = virtual
    edge[virtual] = virtual === 'client' ? 'user' : edge.peer || 'unknown'
    this.#complete(edge)
  }

  #time(): UnixTime {
    return unixTime(Date.now() - this.#config.metrics_timestamp_offset)
  }

  async #send(): Promise<void> {
    const metrics = this.#metrics.metrics(this.#time())
    if (metrics.length === 0) return
    const scopeMetrics = [{ scope: SCOPE, metrics, schemaUrl: '' }]
    await this.#next.consume(metricBatch([{ resource: RESOURCE, scopeMetrics, schemaUrl: '' }]), {})
  }
}
