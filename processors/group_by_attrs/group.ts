import { type Component, type Consumer, stateless } from '../../pipeline/component.ts'
import type { Attributes } from '../../pipeline/data/attributes.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { LogRecord, ResourceLogs, ScopeLogs } from '../../pipeline/data/logs.ts'
import type {
  Metric,
  MetricData,
  ResourceMetrics,
  ScopeMetrics,
} from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { ResourceSpans, ScopeSpans, Span } from '../../pipeline/data/traces.ts'
import { resourceKey, scopeKey } from '../../pipeline/metrics/identity.ts'
import { withKey } from '../../pipeline/ottl/keys.ts'

interface Around {
  readonly resource: Resource
  readonly schemaUrl: string
}

interface Within {
  readonly scope: Scope
  readonly schemaUrl: string
}

/** Items by resource and scope, in the order in which they came. */
class Groups<Item> {
  readonly #keys: ReadonlySet<string>
  readonly #resources = new Map<
    string,
    { around: Around; scopes: Map<string, { within: Within; items: Item[] }> }
  >()

  constructor(keys: readonly string[]) {
    this.#keys = new Set(keys)
  }

  /** The items of the group that attributes lead to, and the attributes that stay. */
  at(around: Around, within: Within, attributes: Attributes): { items: Item[]; rest: Attributes } {
    const moved = attributes.filter((one) => this.#keys.has(one.key))
    const all = moved.reduce(
      (changed, { key, value }) => withKey(changed, key, value),
      around.resource.attributes,
    )
    const resource = moved.length === 0 ? around.resource : { ...around.resource, attributes: all }
    const ofResource = `${around.schemaUrl}\0${resourceKey(resource)}`
    const group = this.#resources.get(ofResource) ?? {
      around: { ...around, resource },
      scopes: new Map(),
    }
    this.#resources.set(ofResource, group)
    const ofScope = `${within.schemaUrl}\0${scopeKey(within.scope)}`
    const scope = group.scopes.get(ofScope) ?? { within, items: [] }
    group.scopes.set(ofScope, scope)
    const rest =
      moved.length === 0 ? attributes : attributes.filter((one) => !this.#keys.has(one.key))
    return { items: scope.items, rest }
  }

  /** What `make` makes of each resource and its scopes. */
  map<R, S>(
    ofScope: (within: Within, items: readonly Item[]) => S,
    make: (around: Around, scopes: readonly S[]) => R,
  ): R[] {
    return [...this.#resources.values()].map(({ around, scopes }) =>
      make(
        around,
        [...scopes.values()].map(({ within, items }) => ofScope(within, items)),
      ),
    )
  }
}

type Processor<R> = Component & Consumer<Batch<R>>

const processor = <R>(
  regroup: (resources: readonly R[]) => readonly R[],
  batchOf: (data: readonly R[]) => Batch<R>,
  next: Consumer<Batch<R>>,
): Processor<R> => ({
  ...stateless,
  consume: (batch, info) => next.consume(batchOf(regroup(batch.resources())), info),
})

export const groupSpans = (
  keys: readonly string[],
  batchOf: (data: readonly ResourceSpans[]) => Batch<ResourceSpans>,
  next: Consumer<Batch<ResourceSpans>>,
) =>
  processor(
    (resources) => {
      const groups = new Groups<Span>(keys)
      for (const data of resources) {
        for (const scope of data.scopeSpans) {
          for (const span of scope.spans) {
            const { items, rest } = groups.at(data, scope, span.attributes)
            items.push(rest === span.attributes ? span : { ...span, attributes: rest })
          }
        }
      }
      return groups.map<ResourceSpans, ScopeSpans>(
        ({ scope, schemaUrl }, spans) => ({ scope, schemaUrl, spans }),
        ({ resource, schemaUrl }, scopeSpans) => ({ resource, schemaUrl, scopeSpans }),
      )
    },
    batchOf,
    next,
  )

export const groupLogs = (
  keys: readonly string[],
  batchOf: (data: readonly ResourceLogs[]) => Batch<ResourceLogs>,
  next: Consumer<Batch<ResourceLogs>>,
) =>
  processor(
    (resources) => {
      const groups = new Groups<LogRecord>(keys)
      for (const data of resources) {
        for (const scope of data.scopeLogs) {
          for (const record of scope.logRecords) {
            const { items, rest } = groups.at(data, scope, record.attributes)
            items.push(rest === record.attributes ? record : { ...record, attributes: rest })
          }
        }
      }
      return groups.map<ResourceLogs, ScopeLogs>(
        ({ scope, schemaUrl }, logRecords) => ({ scope, schemaUrl, logRecords }),
        ({ resource, schemaUrl }, scopeLogs) => ({ resource, schemaUrl, scopeLogs }),
      )
    },
    batchOf,
    next,
  )

/** The metric of the group that is like this one, without points as yet. */
function metricIn(items: Metric[], metric: Metric): { points: unknown[] } {
  const { data } = metric
  const same = items.find(
    (one) =>
      one.name === metric.name &&
      one.unit === metric.unit &&
      one.data.kind === data.kind &&
      ('temporality' in one.data && one.data.temporality) ===
        ('temporality' in data && data.temporality),
  )
  if (same !== undefined) return same.data as unknown as { points: unknown[] }
  const fresh = { ...data, points: [] } as MetricData
  items.push({ ...metric, data: fresh })
  return fresh as unknown as { points: unknown[] }
}

export const groupMetrics = (
  keys: readonly string[],
  batchOf: (data: readonly ResourceMetrics[]) => Batch<ResourceMetrics>,
  next: Consumer<Batch<ResourceMetrics>>,
) =>
  processor(
    (resources) => {
      const groups = new Groups<Metric>(keys)
      for (const data of resources) {
        for (const scope of data.scopeMetrics) {
          for (const metric of scope.metrics) {
            for (const point of metric.data.points) {
              const { items, rest } = groups.at(data, scope, point.attributes)
              metricIn(items, metric).points.push({ ...(point as object), attributes: rest })
            }
          }
        }
      }
      return groups.map<ResourceMetrics, ScopeMetrics>(
        ({ scope, schemaUrl }, metrics) => ({ scope, schemaUrl, metrics }),
        ({ resource, schemaUrl }, scopeMetrics) => ({ resource, schemaUrl, scopeMetrics }),
      )
    },
    batchOf,
    next,
  )
