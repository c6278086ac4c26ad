import type { Attributes } from '../data/attributes.ts'
import type { Metric, MetricData, ResourceMetrics } from '../data/metrics.ts'
import { attributesKey, resourceKey, scopeKey } from './identity.ts'

export type AnyPoint = MetricData['points'][number]

/** What is kept of streams of points, by their identity. Bounded; those that are silent for long go. */
export class StreamStates<S> {
  readonly #states = new Map<string, { state: S; seen: number }>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#states.size
  }

  get(key: string): S | undefined {
    return this.#states.get(key)?.state
  }

  /** False if there is no room for another stream. */
  put(key: string, state: S, now: number): boolean {
    if (!this.#states.has(key) && this.#states.size >= this.#limit) return false
    this.#states.set(key, { state, seen: now })
    return true
  }

  /** Forgets streams that were not seen since. */
  expire(before: number): void {
    for (const [key, { seen }] of this.#states) if (seen < before) this.#states.delete(key)
  }
}

const kindOf = (data: MetricData): string =>
  data.kind === 'sum' && data.monotonic ? 'counter' : data.kind

/** Changes the points of a metric; without a point that is given nothing for. `keyOf` tells streams apart. */
export type ChangeMetric = (metric: Metric, keyOf: (attributes: Attributes) => string) => Metric

/** All metrics of a resource, changed; what is left without points goes if it had some. Undefined if nothing is left. */
export function mapStreams(
  data: ResourceMetrics,
  change: ChangeMetric,
): ResourceMetrics | undefined {
  const ofResource = resourceKey(data.resource)
  const scopeMetrics = data.scopeMetrics.flatMap((scope) => {
    const ofScope = `${ofResource}\0${scopeKey(scope.scope)}`
    const metrics = scope.metrics.flatMap((metric) => {
      const prefix = `${ofScope}\0${metric.name}\0${metric.unit}\0${kindOf(metric.data)}\0`
      const after = change(metric, (attributes) => prefix + attributesKey(attributes))
      return after.data.points.length === 0 && metric.data.points.length > 0 ? [] : [after]
    })
    return metrics.length === 0 ? [] : [{ ...scope, metrics }]
  })
  return scopeMetrics.length === 0 ? undefined : { ...data, scopeMetrics }
}
