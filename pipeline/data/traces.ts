import type { Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'
import type { UnixTime } from './time.ts'

/** Source: opentelemetry/proto/trace/v1/trace.proto (OTLP 1.11), Span.SpanKind */
export const SpanKind = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const

const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const CODE_NAMES = ['UNSET', 'OK', 'ERROR']

/** `SPAN_KIND_SERVER` */
export const kindName = (kind: number): string => `SPAN_KIND_${KIND_NAMES[kind] ?? KIND_NAMES[0]}`

/** `STATUS_CODE_ERROR` */
export const codeName = (code: number): string => `STATUS_CODE_${CODE_NAMES[code] ?? CODE_NAMES[0]}`

/** Span.Status.StatusCode */
export const StatusCode = { unset: 0, ok: 1, error: 2 } as const

export interface SpanStatus {
  readonly code: number
  readonly message: string
}

export interface SpanEvent {
  readonly time: UnixTime
  readonly name: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly flags: number
}

/** Ids are lowercase hex, 32 and 16 digits; an absent one is ''. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly traceState: string
  readonly flags: number
  readonly name: string
  readonly kind: number
  readonly start: UnixTime
  readonly end: UnixTime
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly events: readonly SpanEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
  readonly status: SpanStatus
}

export interface ScopeSpans {
  readonly scope: Scope
  readonly spans: readonly Span[]
  readonly schemaUrl: string
}

export interface ResourceSpans {
  readonly resource: Resource
  readonly scopeSpans: readonly ScopeSpans[]
  readonly schemaUrl: string
}

/** A span that says nothing: what others are made from. */
export const NO_SPAN: Span = {
  traceId: '',
  spanId: '',
  parentSpanId: '',
  traceState: '',
  flags: 0,
  name: '',
  kind: 0,
  start: [0, 0],
  end: [0, 0],
  attributes: [],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: 0, message: '' },
}

/** How long it took, in milliseconds; none if it ends before it starts. */
export const spanMs = ({ start, end }: Span): number =>
  Math.max(0, (end[0] - start[0]) * 1000 + (end[1] - start[1]) / 1e6)
