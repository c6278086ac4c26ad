import { rotl64, u64 } from './bits.ts'

const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n
/** Bytes that are read at a time, as four numbers. */
const STRIPE = 32

const round = (sum: bigint, value: bigint): bigint => u64(rotl64(u64(sum + value * P2), 31n) * P1)

const merge = (hash: bigint, sum: bigint): bigint => u64((hash ^ round(0n, sum)) * P1 + P4)

/** XXH64 of seed 0. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxh64(bytes: Buffer): bigint {
  const striped = bytes.length - (bytes.length % STRIPE)
  let hash = u64((striped > 0 ? stripes(bytes, striped) : P5) + BigInt(bytes.length))
  let at = striped
  for (; at + 8 <= bytes.length; at += 8) {
    hash = u64(rotl64(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4)
  }
  if (at + 4 <= bytes.length) {
    hash = u64(rotl64(hash ^ u64(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3)
    at += 4
  }
  for (; at < bytes.length; at++) {
    hash = u64(rotl64(hash ^ u64(BigInt(bytes.readUInt8(at)) * P5), 11n) * P1)
  }
  hash = u64((hash ^ (hash >> 33n)) * P2)
  hash = u64((hash ^ (hash >> 29n)) * P3)
  return hash ^ (hash >> 32n)
}

function stripes(bytes: Buffer, end: number): bigint {
  let [a, b, c, d] = [u64(P1 + P2), P2, 0n, u64(-P1)]
  for (let at = 0; at < end; at += STRIPE) {
    a = round(a, bytes.readBigUInt64LE(at))
    b = round(b, bytes.readBigUInt64LE(at + 8))
    c = round(c, bytes.readBigUInt64LE(at + 16))
    d = round(d, bytes.readBigUInt64LE(at + 24))
  }
  const sum = u64(rotl64(a, 1n) + rotl64(b, 7n) + rotl64(c, 12n) + rotl64(d, 18n))
  return [a, b, c, d].reduce(merge, sum)
}
