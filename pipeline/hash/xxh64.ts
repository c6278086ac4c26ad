import { rotl64, u64 } from './bits.ts'
import { avalancheOf64, P64_1, P64_2, P64_3, P64_4, P64_5, read32, read64 } from './xxh3.ts'

/** Bytes that are read at a time, as four numbers. */
const STRIPE = 32

const round = (sum: bigint, value: bigint): bigint =>
  u64(rotl64(u64(sum + value * P64_2), 31n) * P64_1)

const merge = (hash: bigint, sum: bigint): bigint => u64((hash ^ round(0n, sum)) * P64_1 + P64_4)

/** XXH64 of seed 0. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxh64(bytes: Buffer): bigint {
  const striped = bytes.length - (bytes.length % STRIPE)
  let hash = u64((striped > 0 ? stripes(bytes, striped) : P64_5) + BigInt(bytes.length))
  let at = striped
  for (; at + 8 <= bytes.length; at += 8) {
    hash = u64(rotl64(hash ^ round(0n, read64(bytes, at)), 27n) * P64_1 + P64_4)
  }
  if (at + 4 <= bytes.length) {
    hash = u64(rotl64(hash ^ u64(read32(bytes, at) * P64_1), 23n) * P64_2 + P64_3)
    at += 4
  }
  for (; at < bytes.length; at++) {
    hash = u64(rotl64(hash ^ u64(BigInt(bytes.readUInt8(at)) * P64_5), 11n) * P64_1)
  }
  return avalancheOf64(hash)
}

function stripes(bytes: Buffer, end: number): bigint {
  let [a, b, c, d] = [u64(P64_1 + P64_2), P64_2, 0n, u64(-P64_1)]
  for (let at = 0; at < end; at += STRIPE) {
    a = round(a, read64(bytes, at))
    b = round(b, read64(bytes, at + 8))
    c = round(c, read64(bytes, at + 16))
    d = round(d, read64(bytes, at + 24))
  }
  const sum = u64(rotl64(a, 1n) + rotl64(b, 7n) + rotl64(c, 12n) + rotl64(d, 18n))
  return [a, b, c, d].reduce(merge, sum)
}
