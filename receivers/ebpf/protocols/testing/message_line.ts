import { type Span, SpanKind } from '../../../../pipeline/data/traces.ts'

const SHORT: Readonly<Record<string, string>> = {
  'messaging.rabbitmq.destination.routing_key': 'key',
  'messaging.rabbitmq.message.delivery_tag': 'tag',
  'messaging.message.body.size': 'size',
  'messaging.consumer.group.name': 'group',
  'messaging.client.id': 'by',
  'messaging.destination.template': 'template',
}
const KINDS = Object.entries(SpanKind)
/** In the name, or of no interest. */
const LEFT_OUT =
  /^(server\.|network\.|client\.|messaging\.(system|operation\.name|destination\.name|destination\.temporary)$)/

/** The span of a message in one line: name, kind, what its attributes say, and the trace that it goes on with. */
export function messageLine({ name, kind, attributes, traceId, parentSpanId }: Span): string {
  const side = KINDS.find(([, value]) => value === kind)?.[0] ?? ''
  const facts = attributes
    .filter(({ key }) => !LEFT_OUT.test(key))
    .map(({ key, value }) => {
      const text = 'value' in value ? String(value.value) : ''
      return key === 'messaging.operation.type' ? text : `${SHORT[key] ?? key}=${text}`
    })
  const trace = parentSpanId === '' ? [] : [`in ${traceId} below ${parentSpanId}`]
  return [name, side, ...facts, ...trace].join(' ')
}
