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
} as const satisfies Record<string, Reason>

export type MysqlReason = keyof typeof MYSQL_REASONS | ChunkReason
