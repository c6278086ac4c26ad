import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceSpans, ScopeSpans, Span } from '../../pipeline/data/traces.ts'

/** The spans of one trace in one batch. */
export interface Piece {
  readonly id: string
  readonly hasRoot: boolean
  readonly batch: TraceBatch
}

/** Divides by trace; the order within a trace stays. */
export function byTrace(batch: TraceBatch): readonly Piece[] {
  const traces = new Map<string, ResourceSpans[]>()
  for (const data of batch.resources()) {
    for (const [id, scopeSpans] of scopesByTrace(data.scopeSpans)) {
      const resources = traces.get(id)
      const part = { ...data, scopeSpans }
      if (resources === undefined) traces.set(id, [part])
      else resources.push(part)
    }
  }
  return [...traces].map(([id, resources]) => ({
    id,
    hasRoot: resources.some((one) => one.scopeSpans.some(({ spans }) => spans.some(isRoot))),
    batch: traceBatch(resources),
  }))
}

const isRoot = ({ parentSpanId }: Span): boolean => parentSpanId === ''

function scopesByTrace(scopes: readonly ScopeSpans[]): Map<string, ScopeSpans[]> {
  const traces = new Map<string, ScopeSpans[]>()
  for (const scope of scopes) {
    for (const [id, spans] of Map.groupBy(scope.spans, ({ traceId }) => traceId)) {
      const parts = traces.get(id)
      if (parts === undefined) traces.set(id, [{ ...scope, spans }])
      else parts.push({ ...scope, spans })
    }
  }
  return traces
}
