import type { Word64 } from './bits.ts'

const WORD = 2 ** 32
/** 2^40 + 435 */
const PRIME_LOW = 435
const PRIME_SHIFT = 8 // bits above a word
const OFFSET: Word64 = [0xcbf29ce4, 0x84222325]

/** FNV-1a of 64 bits over the bytes, on top of what was hashed before. Source: https://datatracker.ietf.org/doc/html/rfc9923 */
export function fnv64(bytes: Uint8Array, before = OFFSET): Word64 {
  let [high, low] = before
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0
    const product = low * PRIME_LOW
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / WORD) + (low << PRIME_SHIFT)) >>> 0
    low = product >>> 0
  }
  return [high, low]
}
