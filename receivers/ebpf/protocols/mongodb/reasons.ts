import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What MongoDB counts, numbers 12xx. */
export const MONGODB_REASONS = {
  mongodb_housekeeping: {
    number: 1201,
    kind: 'skipped',
    text: 'a command by which drivers of MongoDB keep house: hello, isMaster, ping, logging in, ending sessions',
    fix: '',
  },
  mongodb_unread: {
    number: 1202,
    kind: 'note',
    text: 'a compressed command could not be decompressed: its name is not known',
    fix: '',
  },
  mongodb_cut: {
    number: 1203,
    kind: 'note',
    text: 'a command was not captured up to the name of its database',
    fix: '',
  },
} as const satisfies Record<string, Reason>

export type MongodbReason = keyof typeof MONGODB_REASONS | ChunkReason
