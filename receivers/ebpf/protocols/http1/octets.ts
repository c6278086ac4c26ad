export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const TAB = 0x09
export const COLON = 0x3a
export const COMMA = 0x2c

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"

/**
 * For each octet: what it is as a character of a token, in lower case, or 0 where a token cannot have it.
 * Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
 */
export const TOKEN_LOWER: Uint8Array = (() => {
  const table = new Uint8Array(256)
  for (const char of TOKEN) {
    table[char.charCodeAt(0)] = char.charCodeAt(0)
    table[char.toUpperCase().charCodeAt(0)] = char.charCodeAt(0)
  }
  return table
})()

/** True when `length` octets of `buf` at `at` are `lower` (its length, lower case), in any case. */
export function matchesToken(buf: Uint8Array, at: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    if (TOKEN_LOWER[buf[at + i] ?? 0] !== lower.charCodeAt(i)) return false
  }
  return true
}

const FEEDS = 0x0a0a0a0a
const ONES = 0x01010101
const HIGHS = 0x80808080
let viewed: Uint8Array = new Uint8Array(0)
let view = new DataView(viewed.buffer)

/** Heads are read from the same buffer one after the other, so its view is kept. */
function viewOf(buf: Uint8Array): DataView {
  if (buf !== viewed) {
    viewed = buf
    view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
  }
  return view
}

/**
 * Where the next line feed stands from `at` on, or `limit`: by words of four octets, of which one is a line feed if, in the word
 * without those bits, one is zero.
 */
export function lineFeedAt(buf: Uint8Array, at: number, limit: number): number {
  const words = viewOf(buf)
  let lf = at
  for (; lf + 4 <= limit; lf += 4) {
    const word = words.getInt32(lf, true) ^ FEEDS
    if (((word - ONES) & ~word & HIGHS) !== 0) break
  }
  while (lf < limit && buf[lf] !== LF) lf++
  return lf
}

/** Whether `length` octets of `buf` at `at` are those of `other` at `from`. */
export function sameOctets(
  buf: Uint8Array,
  at: number,
  other: DataView,
  from: number,
  length: number,
): boolean {
  const words = viewOf(buf)
  let i = 0
  for (; i + 4 <= length; i += 4) {
    if (words.getInt32(at + i, true) !== other.getInt32(from + i, true)) return false
  }
  for (; i < length; i++) if (buf[at + i] !== other.getUint8(from + i)) return false
  return true
}
