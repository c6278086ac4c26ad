import { type Batch, logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceLogs } from '../../pipeline/data/logs.ts'
import type { Metric, ResourceMetrics } from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { ResourceSpans } from '../../pipeline/data/traces.ts'
import type { Word64 } from '../../pipeline/hash/bits.ts'
import type { LoadBalancingConfig } from './config.ts'
import { metricIdentity, resourceIdentity, streamIdentity } from './identity.ts'
import {
  attributesKey,
  type Key,
  leveledKey,
  logTraceKey,
  ofRecord,
  ofSpan,
  serviceKey,
  spanServiceKey,
  traceKey,
} from './keys.ts'

/** The backend of a key. */
export type Choose = (key: Key) => string | undefined

/** Parts of a batch by backend; `undefined` is what has none. */
export type Divide<R> = (
  batch: Batch<R>,
  choose: Choose,
) => ReadonlyMap<string | undefined, Batch<R>>

type Part = string | undefined

/** Groups items by backend, each group within its scope and resource. */
function grouped<R, S, I>(
  data: readonly R[],
  scopesOf: (data: R) => readonly S[],
  itemsOf: (scope: S) => readonly I[],
  backendOf: (data: R, scope: S, item: I) => Part,
  join: (data: R, scopes: readonly S[]) => R,
  part: (scope: S, items: readonly I[]) => S,
): Map<Part, R[]> {
  const all = new Map<Part, R[]>()
  for (const one of data) {
    const scopes = new Map<Part, S[]>()
    for (const scope of scopesOf(one)) {
      const groups = Map.groupBy(itemsOf(scope), (item) => backendOf(one, scope, item))
      for (const [backend, items] of groups) push(scopes, backend, part(scope, items))
    }
    for (const [backend, found] of scopes) push(all, backend, join(one, found))
  }
  return all
}

function push<T>(map: Map<Part, T[]>, key: Part, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

const toBatches = <R>(parts: Map<Part, R[]>, make: (data: readonly R[]) => Batch<R>) =>
  new Map([...parts].map(([backend, data]) => [backend, make(data)]))

/** Whole resources by their key: their items are not decoded. */
function byResource<R extends { readonly resource: Resource }>(
  batch: Batch<R>,
  keyOf: (resource: Resource) => Key,
  choose: Choose,
): ReadonlyMap<Part, Batch<R>> {
  const parts = new Map<Part, Batch<R>>()
  const backends = new Map<Resource, Part>()
  const backendOf = (resource: Resource): Part => {
    if (!backends.has(resource)) backends.set(resource, choose(keyOf(resource)))
    return backends.get(resource)
  }
  batch.mapResources((resource) => {
    backendOf(resource)
    return resource
  })
  for (const backend of new Set(backends.values())) {
    const part = batch.keepResources((resource) => backendOf(resource) === backend)
    if (part !== undefined) parts.set(backend, part)
  }
  return parts
}

/** By resource, or by item if the key is one of `ofItems`. Throws if it is neither. */
function divideBy<R extends { readonly resource: Resource }>(
  key: string,
  ofService: (resource: Resource) => Key,
  ofItems: readonly string[],
  byItem: Divide<R>,
): Divide<R> {
  if (key === 'service' || key === 'resource') {
    const keyOf = key === 'service' ? ofService : resourceIdentity
    return (batch, choose) => byResource(batch, keyOf, choose)
  }
  if (!ofItems.includes(key)) throw new Error(`unsupported routing_key: ${JSON.stringify(key)}`)
  return byItem
}

type Config = Pick<LoadBalancingConfig, 'routing_key' | 'routing_attributes'>

/** Throws if the key is not for traces. */
export function divideSpans({ routing_key: key, routing_attributes: names }: Config) {
  const ofItems = ['traceID', 'attributes']
  return divideBy<ResourceSpans>(key || 'traceID', spanServiceKey, ofItems, (batch, choose) => {
    const parts = grouped(
      batch.resources(),
      (data) => data.scopeSpans,
      (scope) => scope.spans,
      ({ resource }, { scope }, span) => {
        if (key !== 'attributes') return choose(traceKey(span.traceId))
        const levels = [resource.attributes, scope.attributes, span.attributes] as const
        return choose(attributesKey(names, levels, ofSpan(span)))
      },
      (data, scopeSpans) => ({ ...data, scopeSpans }),
      (scope, spans) => ({ ...scope, spans }),
    )
    return toBatches(parts, traceBatch)
  })
}

/** Throws if the key is not for logs. */
export function divideLogs({ routing_key: key, routing_attributes: names }: Config) {
  const ofService = (resource: Resource) => serviceKey(resource) ?? ''
  const ofItems = ['traceID', 'attributes']
  return divideBy<ResourceLogs>(key || 'service', ofService, ofItems, (batch, choose) => {
    const parts = grouped(
      batch.resources(),
      (data) => data.scopeLogs,
      (scope) => scope.logRecords,
      ({ resource }, { scope }, record) => {
        if (key !== 'attributes') return choose(logTraceKey(record.traceId))
        const levels = [resource.attributes, scope.attributes, record.attributes] as const
        return choose(leveledKey(names, levels, ofRecord(record)))
      },
      (data, scopeLogs) => ({ ...data, scopeLogs }),
      (scope, logRecords) => ({ ...scope, logRecords }),
    )
    return toBatches(parts, logBatch)
  })
}

/** Throws if the key is not for metrics. */
export function divideMetrics({ routing_key: key, routing_attributes: names }: Config) {
  let last: { readonly of: readonly unknown[]; readonly identity: Word64 } | undefined
  /** That of the last metric, whose points come one after the other. */
  const identityOf = (...of: [Resource, Scope, Metric]): Word64 => {
    if (last === undefined || of.some((one, i) => one !== last?.of[i])) {
      last = { of, identity: metricIdentity(...of) }
    }
    return last.identity
  }
  const keyOf = (resource: Resource, scope: Scope, { metric, points }: Piece): Key => {
    if (key === 'metric') return metric.name
    const attributes = points[0]?.attributes ?? []
    if (key === 'attributes') {
      return leveledKey(names, [resource.attributes, scope.attributes, attributes], {})
    }
    return streamIdentity(identityOf(resource, scope, metric), attributes)
  }
  const ofItems = ['metric', 'streamID', 'attributes']
  return divideBy<ResourceMetrics>(key || 'service', serviceKey, ofItems, (batch, choose) => {
    const parts = grouped(
      batch.resources(),
      (data) => data.scopeMetrics,
      (scope) => scope.metrics.flatMap((metric) => piecesOf(metric, key === 'metric')),
      ({ resource }, { scope }, piece) => choose(keyOf(resource, scope, piece)),
      (data, scopeMetrics) => ({ ...data, scopeMetrics }),
      (scope, pieces) => ({ ...scope, metrics: joined(pieces) }),
    )
    return toBatches(parts, metricBatch)
  })
}

/** Points of a metric that go together. */
interface Piece {
  readonly metric: Metric
  readonly points: Metric['data']['points']
}

const piecesOf = (metric: Metric, whole: boolean): readonly Piece[] =>
  whole || metric.data.points.length === 0
    ? [{ metric, points: metric.data.points }]
    : metric.data.points.map((point) => ({ metric, points: [point] as Piece['points'] }))

const joined = (pieces: readonly Piece[]): readonly Metric[] =>
  [...Map.groupBy(pieces, ({ metric }) => metric)].map(([metric, found]) => {
    const points = found.flatMap((one) => [...one.points])
    return { ...metric, data: { ...metric.data, points } } as Metric
  })
