import type {
  ResourceSpans,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
  SpanStatus,
} from '../data/traces.ts'
import { count, encodeAttributes, hex, text, time } from './encode_common.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { encodeResourceItems, encodeScopeItems } from './resource_items.ts'
import { fixed32, fixed64, len, varint } from './wire.ts'

const SPAN = {
  traceId: len(1),
  spanId: len(2),
  traceState: len(3),
  parentSpanId: len(4),
  name: len(5),
  kind: varint(6),
  start: fixed64(7),
  end: fixed64(8),
  attributes: len(9),
  droppedAttributesCount: varint(10),
  events: len(11),
  droppedEventsCount: varint(12),
  links: len(13),
  droppedLinksCount: varint(14),
  status: len(15),
  flags: fixed32(16),
}

/** Writes one ResourceSpans as field 1 of a request. Source: opentelemetry/proto/trace/v1/trace.proto */
export function encodeResourceSpans(w: ProtobufWriter, data: ResourceSpans): void {
  encodeResourceItems(w, data, data.scopeSpans, encodeScopeSpans)
}

function encodeScopeSpans(w: ProtobufWriter, data: ScopeSpans): void {
  encodeScopeItems(w, data, data.spans, encodeSpan)
}

/** Writes one span as field 2 of a ScopeSpans. */
export function encodeSpan(w: ProtobufWriter, span: Span): void {
  const start = w.begin(len(2), 2)
  hex(w, SPAN.traceId, span.traceId)
  hex(w, SPAN.spanId, span.spanId)
  text(w, SPAN.traceState, span.traceState)
  hex(w, SPAN.parentSpanId, span.parentSpanId)
  text(w, SPAN.name, span.name)
  if (span.kind !== 0) w.int32(SPAN.kind, span.kind)
  time(w, SPAN.start, span.start)
  time(w, SPAN.end, span.end)
  encodeAttributes(w, SPAN.attributes, span.attributes)
  count(w, SPAN.droppedAttributesCount, span.droppedAttributesCount)
  for (const event of span.events) encodeEvent(w, event)
  count(w, SPAN.droppedEventsCount, span.droppedEventsCount)
  for (const link of span.links) encodeLink(w, link)
  count(w, SPAN.droppedLinksCount, span.droppedLinksCount)
  encodeStatus(w, span.status)
  if (span.flags !== 0) w.fixed32(SPAN.flags, span.flags)
  w.end(start, 2)
}

function encodeEvent(w: ProtobufWriter, event: SpanEvent): void {
  const start = w.begin(SPAN.events, 1)
  time(w, fixed64(1), event.time)
  text(w, len(2), event.name)
  encodeAttributes(w, len(3), event.attributes)
  count(w, varint(4), event.droppedAttributesCount)
  w.end(start, 1)
}

function encodeLink(w: ProtobufWriter, link: SpanLink): void {
  const start = w.begin(SPAN.links, 1)
  hex(w, len(1), link.traceId)
  hex(w, len(2), link.spanId)
  text(w, len(3), link.traceState)
  encodeAttributes(w, len(4), link.attributes)
  count(w, varint(5), link.droppedAttributesCount)
  if (link.flags !== 0) w.fixed32(fixed32(6), link.flags)
  w.end(start, 1)
}

/** Also an unset one, as SDKs and the Collector write it. */
function encodeStatus(w: ProtobufWriter, status: SpanStatus): void {
  const start = w.begin(SPAN.status, 1)
  text(w, len(2), status.message)
  if (status.code !== 0) w.int32(varint(3), status.code)
  w.end(start, 1)
}
