import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What MySQL counts, numbers 11xx. */
export const MYSQL_REASONS = {
  mysql_stream: {
    number: 1101,
    kind: 'note',
    text: 'a connection of a replica of MySQL: the server talks by itself from there on',
    fix: '',
  },
  mysql_compressed: {
    number: 1102,
    kind: 'note',
    text: 'a client of MySQL compresses what it sends: weir does not read that',
    fix: 'turn compression off in the client if spans are wanted',
  },
} as const satisfies Record<string, Reason>

export type MysqlReason = keyof typeof MYSQL_REASONS | ChunkReason
