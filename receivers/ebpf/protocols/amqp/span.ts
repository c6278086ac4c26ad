import { int, string } from '../../../../pipeline/data/attributes.ts'
import {
  ATTR_MESSAGING_MESSAGE_BODY_SIZE,
  ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY,
  ATTR_MESSAGING_RABBITMQ_MESSAGE_DELIVERY_TAG,
  MESSAGING_SYSTEM_VALUE_RABBITMQ,
} from '../../semconv.ts'
import type { MessagingCall } from '../messaging.ts'
import type { Way } from './channel.ts'
import type { AmqpExchange, Operation } from './stitch.ts'

type Kind = Pick<MessagingCall, 'type' | 'side'>

const KINDS: Readonly<Record<Operation, Kind>> = {
  publish: { type: 'send', side: 'producer' },
  deliver: { type: 'process', side: 'consumer' },
  get: { type: 'receive' },
  ack: { type: 'settle' },
  nack: { type: 'settle' },
  reject: { type: 'settle' },
}

/** Exchange, key and queue, those that there are; a queue that is named as the key only once. */
const destinationOf = ({ exchange, routingKey, queue }: Way) =>
  [...new Set([exchange, routingKey, queue])].filter((name) => name !== '').join(':')

/** Source: https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/ */
export function amqpCall(exchange: AmqpExchange): MessagingCall {
  const { operation, way, tag, bytes, origin, error, startNs, endNs, tgid } = exchange
  const key = way.routingKey
  return {
    system: MESSAGING_SYSTEM_VALUE_RABBITMQ,
    operation,
    ...KINDS[operation],
    destination: destinationOf(way),
    partitionId: '',
    group: '',
    clientId: '',
    messages: undefined,
    parent: origin,
    origins: [],
    more: [
      ...(key === '' ? [] : [string(ATTR_MESSAGING_RABBITMQ_DESTINATION_ROUTING_KEY, key)]),
      ...(tag === 0 ? [] : [int(ATTR_MESSAGING_RABBITMQ_MESSAGE_DELIVERY_TAG, tag)]),
      ...(bytes === undefined ? [] : [int(ATTR_MESSAGING_MESSAGE_BODY_SIZE, bytes)]),
    ],
    error,
    partial: '',
    startNs,
    endNs,
    tgid,
  }
}
