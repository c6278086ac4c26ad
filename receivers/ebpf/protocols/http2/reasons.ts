import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What HTTP/2 counts, numbers 20xx. */
export const HTTP2_REASONS = {
  http2_fields_unknown: {
    number: 2001,
    kind: 'note',
    text: 'header fields refer to a table that was filled before weir saw the connection, or in a gap',
    fix: 'restart the client if its spans need them',
  },
  http2_gap: {
    number: 2002,
    kind: 'note',
    text: 'bytes of a connection were missed while a request of it was under way',
    fix: 'see chunk_gap in the same list',
  },
  http2_unpaired: {
    number: 2003,
    kind: 'note',
    text: 'a response came for which no request was seen: the request was before the agent, or in a gap',
    fix: '',
  },
  http2_out_of_step: {
    number: 2004,
    kind: 'lost',
    text: 'a request waited for its response when bytes were missed, and neither was seen again',
    fix: 'see chunk_gap in the same list',
  },
} as const satisfies Record<string, Reason>

export type Http2Reason = keyof typeof HTTP2_REASONS | ChunkReason
