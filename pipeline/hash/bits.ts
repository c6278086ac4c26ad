/** A number of 64 bits in two words: a bigint for each byte of a text is ten times slower. */
export type Word64 = readonly [high: number, low: number]

export const bigOf = ([high, low]: Word64): bigint => (BigInt(high) << 32n) | BigInt(low)

/** The value in 64 bits, as a processor would keep it. */
export const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

export const rotl64 = (value: bigint, by: bigint): bigint =>
  u64((value << by) | (value >> (64n - by)))

export const rotl32 = (value: number, by: number): number =>
  ((value << by) | (value >>> (32 - by))) >>> 0

export const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0')
