import type { ResourceSpans, Span, SpanEvent, SpanLink, SpanStatus } from '../data/traces.ts'
import {
  attributesToJson,
  type Json,
  list,
  number,
  resourceItemsToJson,
  scopeItemsToJson,
  text,
  time,
} from './json_common.ts'

/** One member of `resourceSpans`, in OTLP's JSON: ids in hex. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export const resourceSpansToJson = (data: ResourceSpans): Json =>
  resourceItemsToJson(
    data,
    'scopeSpans',
    data.scopeSpans.map((one) => scopeItemsToJson(one, 'spans', one.spans.map(spanToJson))),
  )

const spanToJson = (span: Span): Json => ({
  traceId: text(span.traceId),
  spanId: text(span.spanId),
  traceState: text(span.traceState),
  parentSpanId: text(span.parentSpanId),
  flags: number(span.flags),
  name: text(span.name),
  kind: number(span.kind),
  startTimeUnixNano: time(span.start),
  endTimeUnixNano: time(span.end),
  attributes: attributesToJson(span.attributes),
  droppedAttributesCount: number(span.droppedAttributesCount),
  events: list(span.events, eventToJson),
  droppedEventsCount: number(span.droppedEventsCount),
  links: list(span.links, linkToJson),
  droppedLinksCount: number(span.droppedLinksCount),
  status: statusToJson(span.status),
})

const eventToJson = (event: SpanEvent): Json => ({
  timeUnixNano: time(event.time),
  name: text(event.name),
  attributes: attributesToJson(event.attributes),
  droppedAttributesCount: number(event.droppedAttributesCount),
})

const linkToJson = (link: SpanLink): Json => ({
  traceId: text(link.traceId),
  spanId: text(link.spanId),
  traceState: text(link.traceState),
  attributes: attributesToJson(link.attributes),
  droppedAttributesCount: number(link.droppedAttributesCount),
  flags: number(link.flags),
})

const statusToJson = (status: SpanStatus): Json => ({
  message: text(status.message),
  code: number(status.code),
})
