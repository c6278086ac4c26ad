import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What MQTT counts, numbers 16xx. */
export const MQTT_REASONS = {
  mqtt_housekeeping: {
    number: 1601,
    kind: 'skipped',
    text: 'a packet of MQTT that moves no message: connecting, subscribing, leaving',
    fix: '',
  },
  mqtt_alias_unknown: {
    number: 1602,
    kind: 'note',
    text: 'a message of MQTT 5 names its topic by a number that was given before weir saw the connection, or in a gap',
    fix: 'restart the client if its spans need the topic',
  },
} as const satisfies Record<string, Reason>

export type MqttReason = keyof typeof MQTT_REASONS | ChunkReason
