import type { Word64 } from '../../pipeline/hash/bits.ts'

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
