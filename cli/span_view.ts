import { type AnyValue, attribute } from '../pipeline/data/attributes.ts'
import type { ResourceSpans, Span } from '../pipeline/data/traces.ts'
import { SpanKind, StatusCode } from '../pipeline/data/traces.ts'

/** A span as `weir tail` prints and filters it. */
export interface SpanView {
  readonly time: string
  readonly service: string
  readonly namespace: string
  readonly pid: number
  readonly kind: string
  readonly name: string
  readonly method: string
  readonly route: string
  readonly path: string
  /** Of HTTP; 0 for none. */
  readonly status: number
  readonly error: boolean
  readonly duration_ms: number
  readonly trace_id: string
  readonly span_id: string
  readonly parent_span_id: string
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

const KINDS = new Map<number, string>(Object.entries(SpanKind).map(([name, kind]) => [kind, name]))

/** All spans of one resource. */
export function viewsOf({
  resource,
  scopeSpans,
}: ResourceSpans): readonly (readonly [SpanView, Span])[] {
  const of = (key: string) => plain(attribute(resource.attributes, key))
  const service = String(of('service.name') ?? '')
  const namespace = String(of('service.namespace') ?? '')
  const pid = Number(of('process.pid') ?? 0)
  return scopeSpans
    .flatMap(({ spans }) => spans)
    .map((span) => [{ ...viewOf(span), service, namespace, pid }, span])
}

function viewOf(span: Span): Omit<SpanView, 'service' | 'namespace' | 'pid'> {
  const attributes = Object.fromEntries(
    span.attributes.flatMap(({ key, value }) => {
      const one = plain(value)
      return one === undefined ? [] : [[key, one] as const]
    }),
  )
  const text = (...keys: string[]) => {
    const key = keys.find((one) => attributes[one] !== undefined)
    return key === undefined ? '' : String(attributes[key])
  }
  const [seconds, nanoseconds] = span.start
  return {
    time: new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6)).toISOString(),
    kind: KINDS.get(span.kind) ?? '',
    name: span.name,
    method: text('http.request.method', 'rpc.method', 'db.operation.name'),
    route: text('http.route', 'url.template'),
    path: text('url.path') || (URL.parse(text('url.full'))?.pathname ?? ''),
    status: Number(text('http.response.status_code') || 0),
    error: span.status.code === StatusCode.error,
    duration_ms: durationMs(span),
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId,
    attributes,
  }
}

/** To the microsecond. */
const durationMs = ({ start, end }: Span): number =>
  Math.round((end[0] - start[0]) * 1e6 + (end[1] - start[1]) / 1e3) / 1e3

function plain(value: AnyValue | undefined): string | number | boolean | undefined {
  if (value?.kind === 'int') return Number(value.value)
  if (value?.kind === 'string' || value?.kind === 'double' || value?.kind === 'bool')
    return value.value
  return undefined
}
