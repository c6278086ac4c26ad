import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What Redis counts, numbers 6xx. */
export const REDIS_REASONS = {
  redis_stream: {
    number: 601,
    kind: 'note',
    text: 'a connection of a replica, or of MONITOR: the server talks by itself from there on',
    fix: '',
  },
  redis_reply_off: {
    number: 602,
    kind: 'note',
    text: 'a client asked for no replies: its commands cannot be joined with any',
    fix: '',
  },
  database_unknown: {
    number: 603,
    kind: 'note',
    text: 'which database is selected was said before weir saw the connection',
    fix: 'restart the client if spans need db.namespace',
  },
} as const satisfies Record<string, Reason>

export type RedisReason = keyof typeof REDIS_REASONS | ChunkReason
