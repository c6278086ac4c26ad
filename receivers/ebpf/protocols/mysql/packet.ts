import { invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** A packet, or its front as far as it matters. */
export interface MysqlPacket {
  readonly seq: number
  /** Of the payload, in bytes. */
  readonly length: number
  /** Of the payload; -1 when it is empty. */
  readonly first: number
  /** A copy of the payload's front; empty where nothing of it matters. */
  readonly body: Buffer
}

/** What a packet's first bytes say, before the rest is there. */
export type PacketHead = Omit<MysqlPacket, 'body'>

/** A payload of this length goes on in the next packet. */
export const MAX_PAYLOAD = 0xff_ff_ff

const HEADER_BYTES = 4
const EMPTY = Buffer.alloc(0)

export const OK = 0x00
export const INFILE = 0xfb
export const EOF = 0xfe
export const ERR = 0xff

/** Bits of a server's status, and of capabilities. */
export const STATUS = { moreResults: 0x08, cursorExists: 0x40, noBackslashEscapes: 0x200 } as const

/**
 *     +---------------+--------+---------+
 *     | length, 3, LE | seq, 1 | payload |
 *     +---------------+--------+---------+
 *
 * `wanted` says how much of the payload matters; fewer than 0 bytes: it makes no sense here.
 * Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */
export function parsePacket(
  bytes: Buffer,
  wanted: (head: PacketHead) => number,
): ParseResult<MysqlPacket> {
  if (bytes.length < HEADER_BYTES) return NEED_MORE
  const length = bytes.readUIntLE(0, 3)
  const seq = bytes[3] ?? 0
  if (length > 0 && bytes.length === HEADER_BYTES) return NEED_MORE
  const first = length === 0 ? -1 : (bytes[HEADER_BYTES] ?? 0)
  const front = Math.min(length, wanted({ seq, length, first }))
  if (front < 0) return invalid('no packet that makes sense here')
  const end = HEADER_BYTES + front
  if (bytes.length < end) return NEED_MORE
  const body = front === 0 ? EMPTY : Buffer.from(bytes.subarray(HEADER_BYTES, end))
  return { kind: 'frame', bytes: HEADER_BYTES + length, frame: { seq, length, first, body } }
}

/** A number of 1 to 9 bytes at `at`, and where it ends; undefined where none is. */
export function lengthAt(
  body: Buffer,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  const first = body[at]
  if (first === undefined || first === INFILE || first === ERR) return undefined
  if (first < INFILE) return { value: first, end: at + 1 }
  const size = first === 0xfc ? 2 : first === 0xfd ? 3 : 8
  const end = at + 1 + size
  if (end > body.length) return undefined
  // Above 2^48 no length or number of rows is real.
  return { value: body.readUIntLE(at + 1, Math.min(size, 6)), end }
}

/** Of an OK packet, with either header, or of an EOF packet; 0 if it is cut. */
export function statusOf({ first, length, body }: MysqlPacket): number {
  if (isEof({ first, length })) return body.length < 5 ? 0 : body.readUInt16LE(3)
  const id = lengthAt(body, lengthAt(body, 1)?.end ?? body.length)
  return id === undefined || body.length < id.end + 2 ? 0 : body.readUInt16LE(id.end)
}

/** The older of the two ends of columns and rows, which says less than OK does. */
export const isEof = ({ first, length }: Pick<PacketHead, 'first' | 'length'>): boolean =>
  first === EOF && length === 5

/** What went wrong, as the server says it: never its words, in which values may be. */
export interface ServerError {
  readonly code: number
  /** '' of an error before the login. */
  readonly sqlState: string
}

/** Source: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html */
export function errorOf(body: Buffer): ServerError {
  const code = body.length < 3 ? 0 : body.readUInt16LE(1)
  const sqlState = body[3] === 0x23 ? body.toString('latin1', 4, 9) : ''
  return { code, sqlState: /^[0-9A-Z]{5}$/.test(sqlState) ? sqlState : '' }
}
