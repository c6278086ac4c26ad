import type { Reason } from '../../reasons.ts'

/** What all protocols that are read as chunks count, numbers 5xx. */
export const CHUNK_REASONS = {
  chunk_gap: {
    number: 501,
    kind: 'note',
    text: 'bytes of a connection passed that were not captured, and belonged to a message that is followed',
    fix: 'see ring_full_chunk and unreadable in the same list',
  },
  chunk_invalid: {
    number: 502,
    kind: 'note',
    text: 'bytes of a connection made no sense in its protocol: it goes on with the next request',
    fix: '',
  },
  chunk_memory: {
    number: 503,
    kind: 'note',
    text: 'a message that was not whole took more memory than one connection, or all, may have',
    fix: '',
  },
  chunk_out_of_step: {
    number: 504,
    kind: 'lost',
    text: 'a request waited for its answer when the connection fell out of step: joining them would be a guess',
    fix: 'see chunk_gap and chunk_invalid in the same list',
  },
  chunk_given_up: {
    number: 505,
    kind: 'note',
    text: 'a connection that never got in step, or fell out of it again and again',
    fix: '',
  },
  too_many_waiting: {
    number: 506,
    kind: 'lost',
    text: 'more requests than weir keeps waited for answers on one connection',
    fix: '',
  },
  result_uncaptured: {
    number: 507,
    kind: 'note',
    text: 'a result was longer than what is captured: how many rows it had, and whether it ended with an error, is not known',
    fix: '',
  },
} as const satisfies Record<string, Reason>

/** These, and one that all protocols share. */
export type ChunkReason = keyof typeof CHUNK_REASONS | 'evicted_exchange'
