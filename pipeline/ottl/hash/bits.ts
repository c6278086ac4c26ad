/** The value in 64 bits, as a processor would keep it. */
export const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

export const rotl64 = (value: bigint, by: bigint): bigint =>
  u64((value << by) | (value >> (64n - by)))

export const rotl32 = (value: number, by: number): number =>
  ((value << by) | (value >>> (32 - by))) >>> 0

export const hex64 = (value: bigint): string => value.toString(16).padStart(16, '0')
