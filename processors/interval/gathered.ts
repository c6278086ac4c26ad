import type { Metric, ResourceMetrics, ScopeMetrics } from '../../pipeline/data/metrics.ts'
import { isBefore } from '../../pipeline/metrics/aggregate.ts'
import { attributesKey, resourceKey, scopeKey } from '../../pipeline/metrics/identity.ts'
import type { AnyPoint } from '../../pipeline/metrics/streams.ts'

type Points = Map<string, AnyPoint>

interface MetricEntry {
  readonly metric: Metric
  readonly points: Points
}

interface ScopeEntry {
  readonly data: ScopeMetrics
  readonly metrics: Map<string, MetricEntry>
}

interface ResourceEntry {
  readonly data: ResourceMetrics
  readonly scopes: Map<string, ScopeEntry>
}

/** The newest point of each stream. */
export class Gathered {
  readonly #resources = new Map<string, ResourceEntry>()
  #size = 0

  /** Streams. */
  get size(): number {
    return this.#size
  }

  add(ofResource: ResourceMetrics, ofScope: ScopeMetrics, metric: Metric): void {
    const { scopes } = entry(this.#resources, resourceKey(ofResource.resource), () => ({
      data: ofResource,
      scopes: new Map<string, ScopeEntry>(),
    }))
    const { metrics } = entry(scopes, scopeKey(ofScope.scope), () => ({
      data: ofScope,
      metrics: new Map<string, MetricEntry>(),
    }))
    const { points } = entry(metrics, metricKey(metric), () => ({ metric, points: new Map() }))
    const before = points.size
    for (const point of metric.data.points) put(points, point)
    this.#size += points.size - before
  }

  /** Everything, and forgets it. */
  take(): readonly ResourceMetrics[] {
    const all = [...this.#resources.values()].map(({ data, scopes }) => ({
      ...data,
      scopeMetrics: [...scopes.values()].map(({ data: scope, metrics }) => ({
        ...scope,
        metrics: [...metrics.values()].map(({ metric, points }) => withPoints(metric, points)),
      })),
    }))
    this.#resources.clear()
    this.#size = 0
    return all
  }
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = make()
  map.set(key, fresh)
  return fresh
}

const metricKey = ({ name, unit, data }: Metric): string => JSON.stringify([name, unit, data.kind])

const withPoints = (metric: Metric, points: Points): Metric =>
  ({ ...metric, data: { ...metric.data, points: [...points.values()] } }) as Metric

function put(points: Points, point: AnyPoint): void {
  const key = attributesKey(point.attributes)
  const known = points.get(key)
  if (known === undefined || isBefore(known.time, point.time)) points.set(key, point)
}
