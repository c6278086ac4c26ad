import type { SpanEvent, SpanLink, SpanStatus } from '../../data/traces.ts'
import { int, text } from '../value.ts'
import { type Fields, type Form, id, MAP, member, SMALL, TEXT, times, whole } from './field.ts'
import { traceStateField } from './trace_state.ts'

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']

/** Names of an enum, by number; an unknown number is the first. */
const named = (names: readonly string[]): Form<number> => ({
  show: (member) => text(names[member] ?? names[0] ?? ''),
  take: (found) => Math.max(0, names.indexOf(TEXT.take(found))),
})

const statusPart = (key: keyof SpanStatus): Fields[string] => ({
  get({ span: { status } }) {
    return key === 'code' ? int(status.code) : text(status.message)
  },
  set(frame, value) {
    const taken = key === 'code' ? SMALL.take(value) : TEXT.take(value)
    frame.span = { ...frame.span, status: { ...frame.span.status, [key]: taken } }
  },
})

export const spanFields: Fields = {
  trace_id: id('span', 'traceId', 'TraceID'),
  span_id: id('span', 'spanId', 'SpanID'),
  parent_span_id: id('span', 'parentSpanId', 'SpanID'),
  trace_state: traceStateField,
  name: member('span', 'name', TEXT),
  kind: {
    ...member('span', 'kind', SMALL),
    fields: {
      string: member('span', 'kind', named(KINDS)),
      deprecated_string: member(
        'span',
        'kind',
        named(KINDS.map((kind) => `SPAN_KIND_${kind.toUpperCase()}`)),
      ),
    },
  },
  ...times('span', 'start', 'start_time'),
  ...times('span', 'end', 'end_time'),
  attributes: member('span', 'attributes', MAP),
  dropped_attributes_count: member('span', 'droppedAttributesCount', SMALL),
  events: member('span', 'events', whole<readonly SpanEvent[]>('span events')),
  dropped_events_count: member('span', 'droppedEventsCount', SMALL),
  links: member('span', 'links', whole<readonly SpanLink[]>('span links')),
  dropped_links_count: member('span', 'droppedLinksCount', SMALL),
  flags: member('span', 'flags', SMALL),
  status: {
    ...member('span', 'status', whole<SpanStatus>('status')),
    fields: { code: statusPart('code'), message: statusPart('message') },
  },
}

export const spanEventFields: Fields = {
  ...times('event', 'time', 'time'),
  name: member('event', 'name', TEXT),
  attributes: member('event', 'attributes', MAP),
  dropped_attributes_count: member('event', 'droppedAttributesCount', SMALL),
  event_index: { get: ({ eventIndex }) => int(eventIndex) },
}
