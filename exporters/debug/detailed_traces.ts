import type { ResourceSpans, Span, SpanEvent, SpanLink } from '../../pipeline/data/traces.ts'
import { attributeLines, named, resourceLines, scopeLines, timestamp } from './text.ts'

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']
const STATUS = ['Unset', 'Ok', 'Error']

/** The lines of `verbosity: detailed` for one resource. */
export const detailedSpans = (data: ResourceSpans, index: number): string[] => [
  ...resourceLines(`ResourceSpans #${index}`, data.resource, data.schemaUrl),
  ...data.scopeSpans.flatMap((one, i) => [
    ...scopeLines('ScopeSpans', i, one.scope, one.schemaUrl),
    ...one.spans.flatMap(spanLines),
  ]),
]

const field = (name: string, value: string) => `    ${name.padEnd(15)}: ${value}`

const spanLines = (span: Span, index: number): string[] => [
  `Span #${index}`,
  field('Trace ID', span.traceId),
  field('Parent ID', span.parentSpanId),
  field('ID', span.spanId),
  field('Name', span.name),
  field('Kind', named(KINDS, span.kind)),
  ...(span.traceState === '' ? [] : [field('TraceState', span.traceState)]),
  field('Start time', timestamp(span.start)),
  field('End time', timestamp(span.end)),
  field('Status code', named(STATUS, span.status.code)),
  field('Status message', span.status.message),
  ...dropped('DroppedAttributesCount', span.droppedAttributesCount),
  ...dropped('DroppedEventsCount', span.droppedEventsCount),
  ...dropped('DroppedLinksCount', span.droppedLinksCount),
  ...attributeLines('Attributes:', span.attributes),
  ...(span.events.length === 0 ? [] : ['Events:', ...span.events.flatMap(eventLines)]),
  ...(span.links.length === 0 ? [] : ['Links:', ...span.links.flatMap(linkLines)]),
]

const dropped = (name: string, count: number): string[] =>
  count === 0 ? [] : [`    ${name}: ${count}`]

const eventLines = (event: SpanEvent, index: number): string[] => [
  `SpanEvent #${index}`,
  `     -> Name: ${event.name}`,
  `     -> Timestamp: ${timestamp(event.time)}`,
  `     -> DroppedAttributesCount: ${event.droppedAttributesCount}`,
  ...attributeLines('     -> Attributes::', event.attributes, '          '),
]

const linkLines = (link: SpanLink, index: number): string[] => [
  `SpanLink #${index}`,
  `     -> Trace ID: ${link.traceId}`,
  `     -> ID: ${link.spanId}`,
  `     -> TraceState: ${link.traceState}`,
  `     -> DroppedAttributesCount: ${link.droppedAttributesCount}`,
  ...attributeLines('     -> Attributes::', link.attributes, '          '),
]
