import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { SpanKind, type SpanLink } from '../../../pipeline/data/traces.ts'
import { ATTR_WEIR_PARTIAL } from '../partial.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import * as semconv from '../semconv.ts'
import type { RemoteParent } from '../trace_context/parent.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { addAddresses, addTexts, emitCall } from './call_span.ts'
import { extractedOf } from './origin.ts'

/** A call to a broker, or what a broker was called for. Texts are '' where nothing is known. */
export interface MessagingCall {
  /** A value of messaging.system. */
  readonly system: string
  /** As the system calls it. */
  readonly operation: string
  /** What a client's span is besides: of one message that is sent, or handed over. */
  readonly side?: 'producer' | 'consumer'
  /** By the conventions; '' of what moves no messages. */
  readonly type: '' | 'send' | 'receive' | 'process' | 'settle'
  readonly destination: string
  /** What destinations like this one have in common, of which there may be many. */
  readonly template?: string
  /** The destination was made for one answer, or one client: it has no name. */
  readonly temporary?: boolean
  readonly partitionId: string
  readonly group: string
  readonly clientId: string
  /** How many messages; undefined if that is not known. */
  readonly messages: number | undefined
  /** Where one message comes from: its span goes on with that trace. */
  readonly parent?: RemoteParent | undefined
  /** Where many come from, which are linked. */
  readonly origins: readonly RemoteParent[]
  /** What only one system has. */
  readonly more?: readonly Attribute[]
  /** A value of error.type. */
  readonly error: string
  /** Why it was seen only in part: a reason's name. */
  readonly partial: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

/**
 * Sends the call as a span that goes on with the trace of its one message, or links to those of many. Of a client its kind is client
 * unless it has a side. Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export function emitMessagingCall(
  call: MessagingCall,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const { operation, startNs, endNs, tgid } = call
  const name = `${operation} ${placeOf(call)}`.trimEnd()
  const kind = connection.role === 'server' ? SpanKind.server : KINDS[call.side ?? 'client']
  const extracted = extractedOf(call.parent)
  const attributes = messagingAttributes(call, connection)
  const links = call.origins.map(linkTo)
  const failed = call.error !== ''
  const told = { name, kind, attributes, extracted, links, failed, startNs, endNs, tgid }
  emitCall(told, host, sample)
}

const TEMPORARY: Attribute = {
  key: semconv.ATTR_MESSAGING_DESTINATION_TEMPORARY,
  value: { kind: 'bool', value: true },
}

/** A destination as names of spans have it. */
const placeOf = ({ destination, template = '', temporary }: MessagingCall): string =>
  temporary === true ? '(temporary)' : template || destination

const KINDS = {
  client: SpanKind.client,
  producer: SpanKind.producer,
  consumer: SpanKind.consumer,
} as const

function messagingAttributes(call: MessagingCall, connection: Connection): Attribute[] {
  const attributes = [string(semconv.ATTR_MESSAGING_SYSTEM, call.system)]
  addTexts(attributes, {
    [semconv.ATTR_MESSAGING_OPERATION_NAME]: call.operation,
    [semconv.ATTR_MESSAGING_OPERATION_TYPE]: call.type,
    [semconv.ATTR_MESSAGING_DESTINATION_NAME]: call.temporary === true ? '' : call.destination,
    [semconv.ATTR_MESSAGING_DESTINATION_TEMPLATE]: call.template ?? '',
    [semconv.ATTR_MESSAGING_DESTINATION_PARTITION_ID]: call.partitionId,
    [semconv.ATTR_MESSAGING_CONSUMER_GROUP_NAME]: call.group,
    [semconv.ATTR_MESSAGING_CLIENT_ID]: call.clientId,
    [ATTR_ERROR_TYPE]: call.error,
  })
  if (call.temporary === true) attributes.push(TEMPORARY)
  // By the conventions not of a single message.
  if (call.messages !== undefined && call.messages > 1)
    attributes.push(int(semconv.ATTR_MESSAGING_BATCH_MESSAGE_COUNT, call.messages))
  attributes.push(...(call.more ?? []))
  addAddresses(attributes, connection)
  addTexts(attributes, { [ATTR_WEIR_PARTIAL]: call.partial })
  return attributes
}

const linkTo = (origin: RemoteParent): SpanLink => ({
  ...origin,
  attributes: [],
  droppedAttributesCount: 0,
})
