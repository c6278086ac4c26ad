import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What AMQP 0-9-1 counts, numbers 14xx. */
export const AMQP_REASONS = {
  amqp_housekeeping: {
    number: 1401,
    kind: 'skipped',
    text: 'a method of AMQP that moves no message: opening, declaring, binding, flow, transactions',
    fix: '',
  },
  amqp_nothing_gotten: {
    number: 1402,
    kind: 'skipped',
    text: 'a queue was asked for a message, and had none',
    fix: '',
  },
} as const satisfies Record<string, Reason>

export type AmqpReason = keyof typeof AMQP_REASONS | ChunkReason
