import { type Direction, invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** A frame; of one whose payload is skipped, only what was at hand of it. */
export interface Frame {
  readonly type: number
  readonly flags: number
  /** 0: of the connection. */
  readonly stream: number
  /** Bytes of the payload. */
  readonly length: number
  /** A view, valid only while the frame is parsed, or told at once. */
  readonly payload: Buffer
}

/** Source: https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const

export const FRAME_HEAD_BYTES = 9
/** What a client begins with. Source: RFC 9113, section 3.4 */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** A frame of more is not read, but for DATA, which may have any length: nobody allows more by default. */
const MAX_READ_BYTES = 16_384
/** Of DATA: the length of its padding, and the front of a message of gRPC. */
const DATA_FRONT_BYTES = 6

const any = () => true

interface Rule {
  /** Those that mean something. The others are 0 in what is sent. */
  readonly flags: number
  readonly onStream: boolean | undefined
  length(length: number, flags: number): boolean
  readonly from?: Direction
}

const RULES: readonly Rule[] = [
  { flags: Flag.endStream | Flag.padded, onStream: true, length: any },
  {
    flags: Flag.endStream | Flag.endHeaders | Flag.padded | Flag.priority,
    onStream: true,
    length: (length) => length > 0,
  },
  { flags: 0, onStream: true, length: (length) => length === 5 },
  { flags: 0, onStream: true, length: (length) => length === 4 },
  {
    flags: Flag.ack,
    onStream: false,
    length: (length, flags) => length % 6 === 0 && (flags === 0 || length === 0),
  },
  {
    flags: Flag.endHeaders | Flag.padded,
    onStream: true,
    length: (length) => length > 4,
    from: 'response',
  },
  { flags: Flag.ack, onStream: false, length: (length) => length === 8 },
  { flags: 0, onStream: false, length: (length) => length >= 8 },
  { flags: 0, onStream: undefined, length: (length) => length === 4 },
  { flags: Flag.endHeaders, onStream: true, length: any },
]

/** Is this the head of a frame? Of an extension's any: whoever does not know it has to skip it. */
export function isFrameHead(direction: Direction, bytes: Uint8Array, at = 0): boolean {
  const type = bytes[at + 3] as number
  const flags = bytes[at + 4] as number
  const length = lengthAt(bytes, at)
  const high = bytes[at + 5] as number
  if (high >= 0x80 || (type !== FrameType.data && length > MAX_READ_BYTES)) return false
  const rule = RULES[type]
  if (rule === undefined) return true
  const onStream = streamAt(bytes, at) !== 0
  if ((rule.onStream ?? onStream) !== onStream || (flags & ~rule.flags) !== 0) return false
  return rule.length(length, flags) && (rule.from ?? direction) === direction
}

const lengthAt = (bytes: Uint8Array, at: number) =>
  ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)

/** Of a frame's head at `at`. */
const streamAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 5] as number) << 24) |
  ((bytes[at + 6] as number) << 16) |
  ((bytes[at + 7] as number) << 8) |
  (bytes[at + 8] as number)

/** Bytes of the frame whose head is at `at`. */
export const frameBytesAt = (bytes: Uint8Array, at: number): number =>
  FRAME_HEAD_BYTES + lengthAt(bytes, at)

const isSkipped = (type: number) =>
  type === FrameType.data || type === FrameType.settings || RULES[type] === undefined

/** Those that the kernel leaves out where it can. */
const PASSED: readonly number[] = [FrameType.priority, FrameType.ping, FrameType.windowUpdate]

/** Bytes of a payload that must be at hand. */
function wantedOf(type: number, length: number): number {
  if (PASSED.includes(type)) return 0
  return isSkipped(type) ? Math.min(length, DATA_FRONT_BYTES) : length
}

/**
 * Reads the frame at the front of `bytes`, or the client's preface.
 *
 *     +-----------+---------+----------+-------------------+
 *     | length, 3 | type, 1 | flags, 1 | stream, 4 (31 bit) |  payload
 *     +-----------+---------+----------+-------------------+
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9113#section-4.1
 */
export function parseFrame(direction: Direction, bytes: Buffer): ParseResult<Frame> {
  if (direction === 'request' && bytes[0] === PREFACE[0]) return parsePreface(bytes)
  if (bytes.length < FRAME_HEAD_BYTES) return NEED_MORE
  if (!isFrameHead(direction, bytes)) return invalid('no head of a frame')
  const type = bytes[3] as number
  const length = lengthAt(bytes, 0)
  const end = FRAME_HEAD_BYTES + length
  if (bytes.length < FRAME_HEAD_BYTES + wantedOf(type, length)) return NEED_MORE
  const payload = bytes.subarray(FRAME_HEAD_BYTES, Math.min(end, bytes.length))
  const frame = { type, flags: bytes[4] as number, stream: streamAt(bytes, 0), length, payload }
  return { kind: 'frame', bytes: end, frame }
}

/** No frame begins so: it would be longer than any. */
function parsePreface(bytes: Buffer): ParseResult<Frame> {
  const known = Math.min(bytes.length, PREFACE.length)
  if (bytes.compare(PREFACE, 0, known, 0, known) !== 0) return invalid('no preface')
  return known < PREFACE.length ? NEED_MORE : { kind: 'ignored', bytes: PREFACE.length }
}

/** What of a HEADERS, PUSH_PROMISE or CONTINUATION frame is header block; undefined when its padding makes no sense. */
export function headerBlock({ type, flags, payload }: Frame): Buffer | undefined {
  let start = 0
  let end = payload.length
  if (type === FrameType.continuation) return payload
  if ((flags & Flag.padded) !== 0) {
    end -= payload[0] as number
    start = 1
  }
  if (type === FrameType.pushPromise) start += 4
  else if ((flags & Flag.priority) !== 0) start += 5
  if (start === 0 && end === payload.length) return payload
  return start <= end ? payload.subarray(start, end) : undefined
}

/** Content of a DATA frame, without its padding. */
export function dataBytes({ flags, length, payload }: Frame): number {
  if ((flags & Flag.padded) === 0) return length
  return Math.max(0, length - 1 - (payload[0] ?? 0))
}
