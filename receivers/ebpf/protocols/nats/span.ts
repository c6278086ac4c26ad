import { int } from '../../../../pipeline/data/attributes.ts'
import { ATTR_MESSAGING_MESSAGE_BODY_SIZE } from '../../semconv.ts'
import type { MessagingCall } from '../messaging.ts'
import type { NatsExchange } from './stitch.ts'
import { consumerOf, isAck, subjectOf } from './subjects.ts'

/** The conventions have no value for it yet. */
const SYSTEM = 'nats'
const WILDCARD = /(?:^|\.)[*>](?:\.|$)/

type Kind = Pick<MessagingCall, 'operation' | 'type' | 'side' | 'destination' | 'group'>

/** What is done with a message that a client sends. */
function sent({ subject, word }: NatsExchange['message']): Kind {
  const { call, destination } = subjectOf(subject, word)
  if (call === undefined)
    return { operation: 'publish', type: 'send', side: 'producer', destination, group: '' }
  const { operation, stream, consumer } = call
  const type = isAck(subject) ? 'settle' : ''
  return { operation, type, destination: stream, group: consumer }
}

function delivered({ message, subscription }: NatsExchange): Kind {
  const group = consumerOf(message.reply) || (subscription?.group ?? '')
  const { destination } = subjectOf(message.subject, '')
  return { operation: 'deliver', type: 'process', side: 'consumer', destination, group }
}

/** Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function natsCall(exchange: NatsExchange): MessagingCall {
  const { message, subscription, client, firstNs, lastNs, tgid } = exchange
  const { verb, subject, word, bytes, origin, status } = message
  const wanted = subscription?.subject ?? ''
  const { temporary, destination } = subjectOf(subject, word)
  const isWhole = !temporary && destination === subject
  const isTemplate = isWhole && WILDCARD.test(wanted) && !subjectOf(wanted, '').temporary
  return {
    system: SYSTEM,
    ...(verb.endsWith('MSG') ? delivered(exchange) : sent(message)),
    template: isTemplate ? wanted : '',
    temporary,
    partitionId: '',
    clientId: client,
    messages: undefined,
    parent: origin,
    origins: [],
    more: [int(ATTR_MESSAGING_MESSAGE_BODY_SIZE, bytes)],
    error: status,
    partial: '',
    startNs: firstNs,
    endNs: lastNs,
    tgid,
  }
}
