import { invalid, NEED_MORE, type ParsedFrame, type ParseResult } from '../../protocol.ts'

/** A line in front of `bytes`: its text without CR LF, and how long it is with that. */
export interface Line {
  readonly kind: 'line'
  readonly words: readonly string[]
  readonly bytes: number
}

/** The server takes no longer line but that of keys to get, which is read in pieces. */
export const LINE_BYTES = 2048
/** 1 GiB, the most that an item can be made to take. */
export const MAX_VALUE_BYTES = 1 << 30
/** Of data up to this long its end is looked at. */
const CHECKED_BYTES = 64

const CR = 0x0d
const LF = 0x0a
const CONTROL = /[^ -~\x80-\xff]/

/** A line, or why there is none. */
export function readLine(bytes: Buffer): Line | ParseResult<never> {
  const end = bytes.indexOf(LF)
  if (end < 0) return bytes.length > LINE_BYTES ? invalid('a line has no end') : NEED_MORE
  const text = bytes.toString('latin1', 0, end > 0 && bytes[end - 1] === CR ? end - 1 : end)
  if (CONTROL.test(text)) return invalid('a line is no text')
  return { kind: 'line', words: wordsOf(text), bytes: end + 1 }
}

export const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '')

/** A line and the data behind it, of which no more is looked at than whether it ends. */
export function withData<Frame>(
  { bytes: begin }: Line,
  length: number,
  bytes: Buffer,
  frame: Frame,
): ParseResult<Frame> {
  if (length > MAX_VALUE_BYTES) return invalid('a value is longer than memcached allows')
  const end = begin + length
  const whole: ParsedFrame<Frame> = { kind: 'frame', bytes: end + 2, frame }
  if (length > CHECKED_BYTES) return whole
  if (bytes.length < end + 2) return { kind: 'need_more', otherwise: whole }
  return bytes[end] === CR && bytes[end + 1] === LF ? whole : invalid('a value has no end')
}
