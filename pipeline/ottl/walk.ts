import type { LogRecord, ResourceLogs, ScopeLogs } from '../data/logs.ts'
import type { Metric, MetricData, ResourceMetrics, ScopeMetrics } from '../data/metrics.ts'
import type { ResourceSpans, ScopeSpans, Span } from '../data/traces.ts'
import type { ContextName } from './contexts.ts'
import type { Frame, Point, Test } from './frame.ts'

export interface Visitor {
  /** Looks at or changes what the frame holds; false drops the item. */
  readonly visit: Test
  /** Whether what is empty goes: points and spans decide over metrics, scopes and resources. */
  readonly prune: boolean
}

/** Goes over all items of a context. The very data if nothing changed, undefined if all is dropped. */
export type Walk<R> = (data: R, frame: Frame, visitor: Visitor) => R | undefined

/** Every item replaced or, for undefined, left out; the very list if nothing changed. */
function walkList<T>(list: readonly T[], walk: (item: T, index: number) => T | undefined) {
  let changed: T[] | undefined
  for (const [i, item] of list.entries()) {
    const after = walk(item, i)
    if (after === item && changed === undefined) continue
    changed ??= list.slice(0, i)
    if (after !== undefined) changed.push(after)
  }
  return changed ?? list
}

/** A scope of any signal, its items behind one name. */
interface Level<R, S> {
  readonly scopes: (data: R) => readonly S[]
  readonly withScopes: (data: R, scopes: readonly S[]) => R
  readonly isEmpty: (scope: S) => boolean
  readonly items: (scope: S, frame: Frame, visitor: Visitor) => S
}

interface ResourceData {
  readonly resource: Frame['resource']
  readonly schemaUrl: string
}

interface ScopeData {
  readonly scope: Frame['scope']
  readonly schemaUrl: string
}

function walkOf<R extends ResourceData, S extends ScopeData>(
  context: ContextName,
  level: Level<R, S>,
): Walk<R> {
  const walkScope = (scope: S, frame: Frame, visitor: Visitor): S | undefined => {
    frame.scope = scope.scope
    frame.scopeSchemaUrl = scope.schemaUrl
    if (context === 'scope') frame.cache = []
    if (context === 'scope' && !visitor.visit(frame)) return undefined
    const after = context === 'scope' ? scope : level.items(scope, frame, visitor)
    if (visitor.prune && level.isEmpty(after)) return undefined
    if (frame.scope === after.scope && frame.scopeSchemaUrl === after.schemaUrl) return after
    return { ...after, scope: frame.scope, schemaUrl: frame.scopeSchemaUrl }
  }
  return (data, frame, visitor) => {
    frame.resource = data.resource
    frame.resourceSchemaUrl = data.schemaUrl
    if (context === 'resource') frame.cache = []
    if (context === 'resource' && !visitor.visit(frame)) return undefined
    const scopes = level.scopes(data)
    const walked =
      context === 'resource' ? scopes : walkList(scopes, (one) => walkScope(one, frame, visitor))
    if (visitor.prune && walked.length === 0) return undefined
    const after = walked === scopes ? data : level.withScopes(data, walked)
    if (frame.resource === after.resource && frame.resourceSchemaUrl === after.schemaUrl)
      return after
    return { ...after, resource: frame.resource, schemaUrl: frame.resourceSchemaUrl }
  }
}

function walkSpan(span: Span, frame: Frame, { visit }: Visitor, context: ContextName) {
  frame.span = span
  if (context === 'span') {
    frame.cache = []
    return visit(frame) ? frame.span : undefined
  }
  const events = walkList(span.events, (event, i) => {
    frame.event = event
    frame.eventIndex = i
    frame.cache = []
    return visit(frame) ? frame.event : undefined
  })
  return events === span.events ? frame.span : { ...frame.span, events }
}

export const walkTraces = (context: ContextName): Walk<ResourceSpans> =>
  walkOf<ResourceSpans, ScopeSpans>(context, {
    scopes: (data) => data.scopeSpans,
    withScopes: (data, scopeSpans) => ({ ...data, scopeSpans }),
    isEmpty: (scope) => scope.spans.length === 0,
    items(scope, frame, visitor) {
      const spans = walkList(scope.spans, (span) => walkSpan(span, frame, visitor, context))
      return spans === scope.spans ? scope : { ...scope, spans }
    },
  })

export const walkLogs = (context: ContextName): Walk<ResourceLogs> =>
  walkOf<ResourceLogs, ScopeLogs>(context, {
    scopes: (data) => data.scopeLogs,
    withScopes: (data, scopeLogs) => ({ ...data, scopeLogs }),
    isEmpty: (scope) => scope.logRecords.length === 0,
    items(scope, frame, { visit }) {
      const logRecords = walkList<LogRecord>(scope.logRecords, (record) => {
        frame.log = record
        frame.cache = []
        return visit(frame) ? frame.log : undefined
      })
      return logRecords === scope.logRecords ? scope : { ...scope, logRecords }
    },
  })

function walkPoint(point: Point, frame: Frame, { visit }: Visitor, context: ContextName) {
  frame.point = point
  if (context === 'datapoint') {
    frame.cache = []
    return visit(frame) ? frame.point : undefined
  }
  if (!('exemplars' in point)) return point
  const exemplars = walkList(point.exemplars, (exemplar) => {
    frame.exemplar = exemplar
    frame.cache = []
    return visit(frame) ? frame.exemplar : undefined
  })
  return exemplars === point.exemplars ? frame.point : ({ ...frame.point, exemplars } as Point)
}

function walkMetric(metric: Metric, frame: Frame, visitor: Visitor, context: ContextName) {
  frame.metric = metric
  if (context === 'metric') {
    frame.cache = []
    return visitor.visit(frame) ? frame.metric : undefined
  }
  const { points } = metric.data
  const walked = walkList<Point>(points, (point) => walkPoint(point, frame, visitor, context))
  if (visitor.prune && walked.length === 0) return undefined
  if (walked === points) return frame.metric
  return { ...frame.metric, data: { ...frame.metric.data, points: walked } as MetricData }
}

/** Metrics that statements add are visited too; one that adds itself without end is stopped here. */
const MAX_ADDED = 10_000

function walkMetricList(scope: ScopeMetrics, frame: Frame, visitor: Visitor, context: ContextName) {
  frame.added = []
  const walked = walkList(scope.metrics, (one) => walkMetric(one, frame, visitor, context))
  if (frame.added.length === 0) return walked
  const all = [...walked]
  for (let i = 0; i < frame.added.length; i++) {
    if (i >= MAX_ADDED) throw new Error(`statements added ${MAX_ADDED} metrics to one scope`)
    const after = walkMetric(frame.added[i] as Metric, frame, visitor, context)
    if (after !== undefined) all.push(after)
  }
  return all
}

export const walkMetrics = (context: ContextName): Walk<ResourceMetrics> =>
  walkOf<ResourceMetrics, ScopeMetrics>(context, {
    scopes: (data) => data.scopeMetrics,
    withScopes: (data, scopeMetrics) => ({ ...data, scopeMetrics }),
    isEmpty: (scope) => scope.metrics.length === 0,
    items(scope, frame, visitor) {
      const metrics = walkMetricList(scope, frame, visitor, context)
      return metrics === scope.metrics ? scope : { ...scope, metrics }
    },
  })
