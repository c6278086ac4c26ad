import { int } from '../../../../pipeline/data/attributes.ts'
import { ATTR_MESSAGING_MESSAGE_BODY_SIZE } from '../../semconv.ts'
import type { MessagingCall } from '../messaging.ts'
import type { MqttReason } from './reasons.ts'
import type { MqttExchange } from './stitch.ts'

/** The conventions have no value for it yet. */
const SYSTEM = 'mqtt'

const KINDS = {
  request: { operation: 'publish', type: 'send', side: 'producer' },
  response: { operation: 'deliver', type: 'process', side: 'consumer' },
} as const

const UNKNOWN: MqttReason = 'mqtt_alias_unknown'

/** Source: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function mqttCall(exchange: MqttExchange): MessagingCall {
  const { direction, message, topic, client, error, startNs, endNs, tgid } = exchange
  const { bytes, origin } = message
  return {
    system: SYSTEM,
    ...KINDS[direction],
    destination: topic,
    partitionId: '',
    group: '',
    clientId: client,
    messages: undefined,
    parent: origin,
    origins: [],
    more: bytes === undefined ? [] : [int(ATTR_MESSAGING_MESSAGE_BODY_SIZE, bytes)],
    error,
    partial: topic === '' ? UNKNOWN : '',
    startNs,
    endNs,
    tgid,
  }
}
