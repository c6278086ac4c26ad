import { text } from '../value.ts'
import { ANY, asText, type Fields, id, MAP, member, SMALL, TEXT, times } from './field.ts'

export const logFields: Fields = {
  trace_id: id('log', 'traceId', 'TraceID'),
  span_id: id('log', 'spanId', 'SpanID'),
  ...times('log', 'time', 'time'),
  ...times('log', 'observedTime', 'observed_time'),
  severity_number: member('log', 'severityNumber', SMALL),
  severity_text: member('log', 'severityText', TEXT),
  body: {
    ...member('log', 'body', ANY),
    fields: {
      string: {
        get: asText(({ log }) => log.body),
        set(frame, value) {
          frame.log = { ...frame.log, body: text(TEXT.take(value)) }
        },
      },
    },
  },
  attributes: member('log', 'attributes', MAP),
  dropped_attributes_count: member('log', 'droppedAttributesCount', SMALL),
  flags: member('log', 'flags', SMALL),
  event_name: member('log', 'eventName', TEXT),
}
