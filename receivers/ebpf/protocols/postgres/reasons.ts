import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What PostgreSQL counts, numbers 7xx. */
export const POSTGRES_REASONS = {
  postgres_stream: {
    number: 701,
    kind: 'note',
    text: 'a connection of PostgreSQL that replicates, or only cancels another',
    fix: '',
  },
  postgres_skipped: {
    number: 702,
    kind: 'note',
    text: 'the server skipped a statement because one before it in the same batch had failed',
    fix: '',
  },
  statement_unknown: {
    number: 703,
    kind: 'note',
    text: 'a statement was prepared before weir saw the connection: its text is not known',
    fix: 'restart the client if spans need the text',
  },
} as const satisfies Record<string, Reason>

export type PostgresReason = keyof typeof POSTGRES_REASONS | ChunkReason
