import { rotl32, rotl64, u64 } from './bits.ts'

const C1 = 0xcc9e2d51
const C2 = 0x1b873593
const WIDE_1 = 0x87c37b91114253d5n
const WIDE_2 = 0x4cf5ad432745937fn

/**
 * MurmurHash3_x86_32 without a seed, as four bytes in little-endian order.
 * Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp, which is in the public domain
 */
export function murmur3(bytes: Buffer): Buffer {
  const blocks = bytes.length >> 2
  let hash = 0
  for (let i = 0; i < blocks; i++) {
    hash = rotl32(hash ^ scrambled(bytes.readUInt32LE(i * 4)), 13)
    hash = (Math.imul(hash, 5) + 0xe6546b64) >>> 0
  }
  const rest = bytes.length & 3
  if (rest > 0) hash ^= scrambled(bytes.readUIntLE(blocks * 4, rest))
  const out = Buffer.alloc(4)
  out.writeUInt32LE(mixed(hash ^ bytes.length))
  return out
}

const scrambled = (word: number): number => Math.imul(rotl32(Math.imul(word, C1), 15), C2)

function mixed(hash: number): number {
  let mix = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35)
  return (mix ^ (mix >>> 16)) >>> 0
}

/** MurmurHash3_x64_128 without a seed, as 16 bytes, each half in little-endian order. */
export function murmur3Wide(bytes: Buffer): Buffer {
  const blocks = bytes.length >> 4
  let [first, second] = [0n, 0n]
  for (let i = 0; i < blocks; i++) {
    first ^= scrambledFirst(bytes.readBigUInt64LE(i * 16))
    first = u64((rotl64(first, 27n) + second) * 5n + 0x52dce729n)
    second ^= scrambledSecond(bytes.readBigUInt64LE(i * 16 + 8))
    second = u64((rotl64(second, 31n) + first) * 5n + 0x38495ab5n)
  }
  const tail = Buffer.alloc(16)
  bytes.copy(tail, 0, blocks * 16)
  second ^= scrambledSecond(tail.readBigUInt64LE(8)) ^ BigInt(bytes.length)
  first ^= scrambledFirst(tail.readBigUInt64LE(0)) ^ BigInt(bytes.length)
  first = u64(first + second)
  second = u64(second + first)
  first = mixedWide(first)
  second = mixedWide(second)
  first = u64(first + second)
  const out = Buffer.alloc(16)
  out.writeBigUInt64LE(first)
  out.writeBigUInt64LE(u64(second + first), 8)
  return out
}

const scrambledFirst = (word: bigint): bigint => u64(rotl64(u64(word * WIDE_1), 31n) * WIDE_2)
const scrambledSecond = (word: bigint): bigint => u64(rotl64(u64(word * WIDE_2), 33n) * WIDE_1)

function mixedWide(hash: bigint): bigint {
  let mix = u64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  mix = u64((mix ^ (mix >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return mix ^ (mix >> 33n)
}
