const WORD = 2 ** 32
/** 2^40 + 435 */
const PRIME_LOW = 435
const PRIME_SHIFT = 8 // bits above a word
const OFFSET_HIGH = 0xcbf29ce4
const OFFSET_LOW = 0x84222325

/** A number of 64 bits in two words: a bigint for each byte is ten times slower. */
export type Word64 = readonly [high: number, low: number]

/** FNV-1a of 64 bits over the bytes, on top of what was hashed before. Source: RFC 9923 */
export function fnv1a64(bytes: Uint8Array, [h, l]: Word64 = [OFFSET_HIGH, OFFSET_LOW]): Word64 {
  let [high, low] = [h, l]
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0
    const product = low * PRIME_LOW
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / WORD) + (low << PRIME_SHIFT)) >>> 0
    low = product >>> 0
  }
  return [high, low]
}

const MAX = (1n << 64n) - 1n
const SCALE_BITS = 60

/** The share of all numbers of 64 bits, 0 to 1; more is all. */
export function shareOf(ratio: number): Word64 {
  const bounded = Math.min(1, Math.max(0, ratio))
  const share = (MAX * BigInt(Math.round(bounded * 2 ** SCALE_BITS))) >> BigInt(SCALE_BITS)
  return [Number(share >> 32n), Number(share & 0xffff_ffffn)]
}

export const isAtMost = (a: Word64, b: Word64): boolean =>
  a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1])
