import type { Attribute } from '../../pipeline/data/attributes.ts'
import { string } from '../../pipeline/data/attributes.ts'
import { type Metric, type MetricData, Temporality } from '../../pipeline/data/metrics.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { type Counted, keyOf, SeriesTable } from '../../pipeline/metrics/series.ts'
import { counterData, type Durations, durationData } from '../../pipeline/metrics/series_points.ts'
import { newSketch } from '../../pipeline/metrics/sketch.ts'
import { boundsOf, type ServiceGraphConfig } from './config.ts'
import type { Edge } from './edge.ts'

/** The Collector has no bound; what comes beyond shares one series with otel.metric.overflow. */
const MAX_SERIES = 10_000

const counters = () => new SeriesTable<Counted>(MAX_SERIES, () => ({ count: 0 }))

/** What is counted of requests, by their two services. */
export class EdgeMetrics {
  readonly #extraLabel: boolean
  readonly #requests = counters()
  readonly #failed = counters()
  readonly #unpaired = counters()
  readonly #dropped = counters()
  readonly #server: SeriesTable<Durations>
  readonly #client: SeriesTable<Durations>

  constructor(config: ServiceGraphConfig) {
    const bounds = boundsOf(config)
    const sketches = () =>
      new SeriesTable<Durations>(MAX_SERIES, () =>
        newSketch(bounds, config.exponential_histogram_max_size),
      )
    this.#extraLabel = config.virtual_node_extra_label
    this.#server = sketches()
    this.#client = sketches()
  }

  get size(): number {
    return this.#tables().reduce((sum, table) => sum + table.size, 0)
  }

  complete(edge: Edge, now: number, time: UnixTime): void {
    const labels = [
      ...endsOf(edge),
      { key: 'failed', value: { kind: 'bool', value: edge.failed } } as const,
      ...[...edge.labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => string(k, v)),
      ...(this.#extraLabel ? [string('virtual_node', edge.virtualNode)] : []),
    ]
    const key = keyOf(labels)
    this.#requests.at(key, labels, now, time).state.count += edge.weight
    if (edge.failed) this.#failed.at(key, labels, now, time).state.count += edge.weight
    this.#server.at(key, labels, now, time).state.record(edge.serverSeconds, edge.weight)
    this.#client.at(key, labels, now, time).state.record(edge.clientSeconds, edge.weight)
  }

  /** The other side did not come. */
  unpaired(edge: Edge, now: number, time: UnixTime): void {
    const labels = endsOf(edge)
    this.#unpaired.at(keyOf(labels), labels, now, time).state.count += 1
  }

  /** There was no room to wait for the other side. */
  dropped(edge: Edge, now: number, time: UnixTime): void {
    const labels = endsOf(edge)
    this.#dropped.at(keyOf(labels), labels, now, time).state.count += 1
  }

  metrics(time: UnixTime): readonly Metric[] {
    const { cumulative } = Temporality
    const counter = (name: string, table: SeriesTable<Counted>) =>
      metric(name, '', counterData(table, time, cumulative))
    const durations = (name: string, table: SeriesTable<Durations>) =>
      metric(name, 's', durationData(table, time, cumulative))
    return [
      ...counter('request_total', this.#requests),
      ...counter('request_failed_total', this.#failed),
      ...durations('request_server', this.#server),
      ...durations('request_client', this.#client),
      ...counter('unpaired_spans_total', this.#unpaired),
      ...counter('dropped_spans_total', this.#dropped),
    ]
  }

  /** Forgets series that were not seen since. */
  expire(before: number): void {
    for (const table of this.#tables()) table.expire(before)
  }

  #tables() {
    return [this.#requests, this.#failed, this.#unpaired, this.#dropped, this.#server, this.#client]
  }
}

const endsOf = ({ client, server, type }: Edge): Attribute[] => [
  string('client', client),
  string('server', server),
  string('connection_type', type),
]

function metric(name: string, unit: string, data: MetricData): Metric[] {
  if (data.points.length === 0) return []
  return [{ name: `traces_service_graph_${name}`, description: '', unit, metadata: [], data }]
}
