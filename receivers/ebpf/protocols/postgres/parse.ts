import { type Direction, invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** A message, or its front as far as it matters. */
export interface PostgresFrame {
  /** The first byte; 'startup' of those that have none, 'tls' of the one byte that answers a request for TLS. */
  readonly tag: string
  /** A copy of the body's front; '' where nothing of it matters. */
  readonly body: Buffer
}

/** What a message may be: the first ones of a connection have no tag. */
export type Phase = 'startup' | 'tls' | 'messages'

const HEADER_BYTES = 5
const MAX_STARTUP_BYTES = 10_000
/** The server's own limit is 1 GiB. */
const MAX_LENGTH = 1 << 30
const STATEMENT_BYTES = 8192
const NAME_BYTES = 256

/** Bytes of the body that matter, by tag; of tags that are not here, none do. */
const WANTED = {
  request: {
    Q: STATEMENT_BYTES,
    P: STATEMENT_BYTES,
    B: 2 * NAME_BYTES,
    E: NAME_BYTES,
    C: NAME_BYTES,
  },
  response: { C: 64, E: 512 },
} as const satisfies Record<Direction, Readonly<Record<string, number>>>

/** Source: https://www.postgresql.org/docs/17/protocol-message-formats.html */
const TAGS = { request: 'BCDEFHPQSXcdfp', response: '123ACDEGHIKNRSTVWZcdnstv' } as const

const EMPTY = Buffer.alloc(0)

const frame = (tag: string, body: Buffer, bytes: number): ParseResult<PostgresFrame> => ({
  kind: 'frame',
  bytes,
  frame: { tag, body: body.length === 0 ? EMPTY : Buffer.from(body) },
})

/** Reads what begins at the first byte. */
export function parseFrame(
  direction: Direction,
  phase: Phase,
  bytes: Buffer,
): ParseResult<PostgresFrame> {
  if (bytes.length === 0) return NEED_MORE
  if (direction === 'request' && phase === 'startup') return parseStartup(bytes)
  if (direction === 'response' && phase === 'tls') return frame('tls', bytes.subarray(0, 1), 1)
  return parseMessage(direction, bytes)
}

/**
 *     +-----+-----------------------------+------+
 *     | tag | length, 4, BE, counts itself | body |
 *     +-----+-----------------------------+------+
 */
function parseMessage(direction: Direction, bytes: Buffer): ParseResult<PostgresFrame> {
  const tag = String.fromCharCode(bytes[0] ?? 0)
  if (!TAGS[direction].includes(tag)) return invalid(`no tag of a ${direction}`)
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const length = bytes.readUInt32BE(1)
  if (length < 4 || length > MAX_LENGTH) return invalid('a length is impossible')
  const wanted: Readonly<Record<string, number>> = WANTED[direction]
  const end = HEADER_BYTES + Math.min(length - 4, wanted[tag] ?? 0)
  if (bytes.length < end) return NEED_MORE
  return frame(tag, bytes.subarray(HEADER_BYTES, end), 1 + length)
}

/** Length and code, then what the code says; no tag. */
function parseStartup(bytes: Buffer): ParseResult<PostgresFrame> {
  if (bytes.length < 4) return NEED_MORE
  const length = bytes.readUInt32BE(0)
  if (length < 8 || length > MAX_STARTUP_BYTES)
    return invalid('the length of a start is impossible')
  if (bytes.length < length) return NEED_MORE
  return frame('startup', bytes.subarray(4, length), length)
}

export const CODES = {
  tls: 80_877_103,
  gss: 80_877_104,
  cancel: 80_877_102,
  version3: 3 << 16,
} as const

/** The text up to the next 0; undefined without one. */
export function cString(body: Buffer, at: number): string | undefined {
  const end = body.indexOf(0, at)
  return end < 0 ? undefined : body.toString('utf8', at, end)
}

/** Name and value of each parameter behind a code. */
export function startupParameters(body: Buffer): ReadonlyMap<string, string> {
  const texts = body.toString('utf8', 4).split('\0')
  const pairs = new Map<string, string>()
  for (let i = 0; i + 1 < texts.length && texts[i] !== ''; i += 2)
    pairs.set(texts[i] ?? '', texts[i + 1] ?? '')
  return pairs
}

/** A field of an error, by its letter. */
export function errorField(body: Buffer, letter: string): string {
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const end = body.indexOf(0, at + 1)
    if (body[at] === letter.charCodeAt(0))
      return body.toString('utf8', at + 1, end < 0 ? body.length : end)
    if (end < 0) break
    at = end + 1
  }
  return ''
}
