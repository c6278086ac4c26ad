import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What memcached counts, numbers 13xx. */
export const MEMCACHED_REASONS = {
  memcached_housekeeping: {
    number: 1301,
    kind: 'skipped',
    text: 'a command by which clients of memcached keep house: mn, noop, quit, logging in',
    fix: '',
  },
  memcached_stream: {
    number: 1302,
    kind: 'note',
    text: 'watch or a dump of lru_crawler: the server talks by itself from there on',
    fix: '',
  },
  memcached_cut: {
    number: 1303,
    kind: 'note',
    text: 'a line of keys was not captured to its end: how many it asks for is not known',
    fix: '',
  },
} as const satisfies Record<string, Reason>

export type MemcachedReason = keyof typeof MEMCACHED_REASONS | ChunkReason
