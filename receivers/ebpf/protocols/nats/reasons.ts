import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What NATS counts, numbers 15xx. */
export const NATS_REASONS = {
  nats_error: {
    number: 1501,
    kind: 'note',
    text: 'a server of NATS said -ERR, which names no message: no span has it',
    fix: "see the server's log",
  },
  nats_status: {
    number: 1502,
    kind: 'skipped',
    text: 'JetStream sent a status in place of a message: nothing there, a heartbeat, the end of a request',
    fix: '',
  },
} as const satisfies Record<string, Reason>

export type NatsReason = keyof typeof NATS_REASONS | ChunkReason
