import { invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** One value's front: a whole scalar, or the head of an aggregate, whose elements come as values of their own. */
export interface RespValue {
  /** The first byte; 'inline' of a command that is a line of words. */
  readonly type: RespType
  /** Of an aggregate its elements, of a string its bytes; -1 of null. */
  readonly count: number
  /** Of a string, an error or a line: what is at hand of it, at most TEXT_BYTES. Nobody's value leaves this folder. */
  readonly text: string
}

export type RespType =
  | '+'
  | '-'
  | ':'
  | '$'
  | '*'
  | '_'
  | '#'
  | ','
  | '('
  | '!'
  | '='
  | '%'
  | '~'
  | '>'
  | '|'
  | 'inline'

/** Enough for the name of a command, of an option, and the front of an error. */
const TEXT_BYTES = 64
/** Lines longer than this are none: numbers, errors and inline commands are shorter. */
const MAX_LINE_BYTES = 4096
/** The server's own limits: proto-max-bulk-len at its usual 512 MiB, and elements of a request. */
const MAX_STRING_BYTES = 512 << 20
const MAX_ELEMENTS = 1 << 20

const CR = 0x0d
const LF = 0x0a
const STRINGS = '$!='
const AGGREGATES = '*%~>|'
const LINES = '+-:_#,('
const LENGTH = /^(?:-1|\d{1,10})$/

/**
 * Reads the front of a value from `bytes`. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 *
 *     $ length CR LF bytes CR LF     a string; ! and = alike
 *     * count CR LF elements         an aggregate; % and | have two elements for each one counted
 *     + text CR LF                   a line; the rest alike
 */
export function parseValue(bytes: Buffer): ParseResult<RespValue> {
  if (bytes.length === 0) return NEED_MORE
  const end = endOfLine(bytes)
  if (end === undefined) return NEED_MORE
  if (end < 0) return invalid('a line has no end')
  const type = String.fromCharCode(bytes[0] ?? 0) as RespType
  const line = bytes.toString('latin1', 1, Math.min(end, 1 + TEXT_BYTES))
  if (STRINGS.includes(type)) return parseString(type, line, bytes, end + 2)
  if (AGGREGATES.includes(type)) return parseAggregate(type, line, end + 2)
  if (LINES.includes(type)) return value(type, 0, line, end + 2)
  return parseInline(bytes, end)
}

/** Where CR LF begins; undefined if that is not at hand, -1 if it is too far away. */
function endOfLine(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(LF)
  if (end < 0) return bytes.length > MAX_LINE_BYTES ? -1 : undefined
  return end > 0 && end <= MAX_LINE_BYTES && bytes[end - 1] === CR ? end - 1 : -1
}

const value = (
  type: RespType,
  count: number,
  text: string,
  bytes: number,
): ParseResult<RespValue> => ({ kind: 'frame', bytes, frame: { type, count, text } })

function parseString(
  type: RespType,
  line: string,
  bytes: Buffer,
  begin: number,
): ParseResult<RespValue> {
  if (!LENGTH.test(line)) return invalid('a length is no number')
  const length = Number(line)
  if (length < 0) return value(type, -1, '', begin)
  if (length > MAX_STRING_BYTES) return invalid('a string is longer than Redis allows')
  const wanted = length <= TEXT_BYTES ? length + 2 : TEXT_BYTES
  if (bytes.length < begin + wanted) return NEED_MORE
  const end = begin + length
  if (length <= TEXT_BYTES && (bytes[end] !== CR || bytes[end + 1] !== LF)) {
    return invalid('a string has no end')
  }
  const text = bytes.toString('latin1', begin, begin + Math.min(length, TEXT_BYTES))
  return value(type, length, text, end + 2)
}

function parseAggregate(type: RespType, line: string, bytes: number): ParseResult<RespValue> {
  if (!LENGTH.test(line)) return invalid('a count is no number')
  const count = Number(line)
  if (count > MAX_ELEMENTS) return invalid('an aggregate has more elements than are believed')
  return value(type, type === '%' || type === '|' ? 2 * count : count, '', bytes)
}

const INLINE = /^[A-Za-z][A-Za-z0-9_.-]{0,31}(?: [\x20-\x7e]*)?$/

function parseInline(bytes: Buffer, end: number): ParseResult<RespValue> {
  const line = bytes.toString('latin1', 0, end)
  if (line === '') return { kind: 'ignored', bytes: 2 }
  return INLINE.test(line)
    ? value('inline', 0, line.slice(0, TEXT_BYTES), end + 2)
    : invalid('a line is no command')
}
