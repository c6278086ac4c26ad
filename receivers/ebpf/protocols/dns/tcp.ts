import { type Direction, invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'
import { type DnsMessage, HEADER_BYTES, parseMessage } from './parse.ts'

const LENGTH_BYTES = 2
/** The root, type and class. */
const LEAST_QUESTION_BYTES = 5
/** Of one message: all that is looked at. More of a zone is not waited for. */
const MAX_LOOK_BYTES = 4096
/** Flags of a query that is sent as a client does: all but RD, AD and CD. */
const QUERY_ZEROS = 0xfecf
const MAX_ADDITIONAL = 2

/**
 * Reads a message behind its length. One that is none is a frame, too: the connection goes on behind it.
 *
 *     length 2 | message
 *
 * Source: https://www.rfc-editor.org/rfc/rfc1035#section-4.2.2
 */
export function parseFrame(
  direction: Direction,
  bytes: Buffer,
): ParseResult<DnsMessage | undefined> {
  if (bytes.length < LENGTH_BYTES) return NEED_MORE
  const length = bytes.readUInt16BE(0)
  if (length < HEADER_BYTES) return invalid(`length ${length} is below that of a header`)
  const whole = LENGTH_BYTES + length
  const isResponse = direction === 'response'
  if (bytes.length > 4 && ((bytes[4] ?? 0) & 0x80) !== (isResponse ? 0x80 : 0)) {
    return invalid(isResponse ? 'a query from the server' : 'a response from the client')
  }
  const message = bytes.subarray(LENGTH_BYTES, whole)
  const frame = { kind: 'frame', bytes: whole, frame: parseMessage(message) } as const
  if (message.length >= Math.min(length, MAX_LOOK_BYTES)) return frame
  return frame.frame === undefined ? NEED_MORE : { kind: 'need_more', otherwise: frame }
}

/** Does a connection's request run begin with a query, whole and as clients send it? */
export function beginsDns(direction: Direction, bytes: Buffer): boolean {
  if (bytes.length < LENGTH_BYTES + HEADER_BYTES + LEAST_QUESTION_BYTES) return false
  if (direction === 'response') {
    const result = parseFrame(direction, bytes)
    return result.kind === 'frame' && result.frame !== undefined
  }
  const length = bytes.readUInt16BE(0)
  if (length + LENGTH_BYTES > bytes.length || (bytes.readUInt16BE(4) & QUERY_ZEROS) !== 0) {
    return false
  }
  const records = bytes.readUInt16BE(8) + bytes.readUInt16BE(10)
  if (records !== 0 || bytes.readUInt16BE(12) > MAX_ADDITIONAL) return false
  return parseMessage(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)) !== undefined
}
