import { hex64, rotl32, u64 } from './bits.ts'
import {
  accumulated,
  avalanche,
  avalancheOf64,
  key32,
  key64,
  LAST_KEYS,
  MIDDLE_MAX,
  MIX_2,
  merged,
  mix16,
  P32_2,
  P64_1,
  P64_2,
  P64_4,
  packed3,
  read32,
  read64,
  swap64,
  UPPER_KEYS,
  xorShift,
} from './xxh3.ts'

type Halves = readonly [low: bigint, high: bigint]

const halves = (product: bigint): Halves => [u64(product), product >> 64n]

/** XXH3 with 128 bits and without a seed, in hex. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxh128(bytes: Buffer): string {
  const [low, high] = hashOf(bytes)
  return hex64(high) + hex64(low)
}

function hashOf(bytes: Buffer): Halves {
  const { length } = bytes
  if (length === 0)
    return [avalancheOf64(key64(64) ^ key64(72)), avalancheOf64(key64(80) ^ key64(88))]
  if (length <= 3) return hashTo3(bytes)
  if (length <= 8) return hashTo8(bytes)
  if (length <= 16) return hashTo16(bytes)
  if (length <= 128) return hashTo128(bytes)
  if (length <= MIDDLE_MAX) return hashTo240(bytes)
  const sums = accumulated(bytes)
  const start = u64(BigInt(length) * P64_1)
  const upper = u64(~(BigInt(length) * P64_2))
  return [merged(sums, 11, start), merged(sums, UPPER_KEYS, upper)]
}

function hashTo3(bytes: Buffer): Halves {
  const low = packed3(bytes)
  const swapped = Buffer.alloc(4)
  swapped.writeUInt32LE(low)
  const high = rotl32(swapped.readUInt32BE(), 13)
  return [
    avalancheOf64(BigInt(low) ^ key32(0) ^ key32(4)),
    avalancheOf64(BigInt(high) ^ key32(8) ^ key32(12)),
  ]
}

function hashTo8(bytes: Buffer): Halves {
  const { length } = bytes
  const word = read32(bytes, 0) + (read32(bytes, length - 4) << 32n)
  const mixed = word ^ key64(16) ^ key64(24)
  let [low, high] = halves(mixed * (P64_1 + BigInt(length << 2)))
  high = u64(high + (low << 1n))
  low ^= high >> 3n
  low = xorShift(u64(xorShift(low, 35n) * MIX_2), 28n)
  return [low, avalanche(high)]
}

function hashTo16(bytes: Buffer): Halves {
  const { length } = bytes
  const last = read64(bytes, length - 8)
  let [low, high] = halves(u64(read64(bytes, 0) ^ last ^ key64(32) ^ key64(40)) * P64_1)
  low = u64(low + (BigInt(length - 1) << 54n))
  const mixed = last ^ key64(48) ^ key64(56)
  high = u64(high + mixed + (mixed & 0xffffffffn) * (P32_2 - 1n))
  low ^= swap64(high)
  const [lower, upper] = halves(low * P64_2)
  return [avalanche(lower), avalanche(u64(upper + high * P64_2))]
}

function mix32([low, high]: Halves, bytes: Buffer, first: number, second: number, keys: number) {
  const lower = u64(low + mix16(bytes, first, keys))
  const upper = u64(high + mix16(bytes, second, keys + 16))
  return [
    lower ^ u64(read64(bytes, second) + read64(bytes, second + 8)),
    upper ^ u64(read64(bytes, first) + read64(bytes, first + 8)),
  ] as const
}

function ended([low, high]: Halves, length: number): Halves {
  const upper = u64(low * P64_1 + high * P64_4 + BigInt(length) * P64_2)
  return [avalanche(u64(low + high)), u64(-avalanche(upper))]
}

/** From both ends to the middle. */
function hashTo128(bytes: Buffer): Halves {
  const { length } = bytes
  let sums: Halves = [u64(BigInt(length) * P64_1), 0n]
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    sums = mix32(sums, bytes, 16 * i, length - 16 * (i + 1), 32 * i)
  }
  return ended(sums, length)
}

function hashTo240(bytes: Buffer): Halves {
  const { length } = bytes
  let sums: Halves = [u64(BigInt(length) * P64_1), 0n]
  for (let i = 0; i < 128; i += 32) sums = mix32(sums, bytes, i, i + 16, i)
  sums = [avalanche(sums[0]), avalanche(sums[1])]
  for (let i = 128; i + 32 <= length; i += 32) {
    sums = mix32(sums, bytes, i, i + 16, i - 128 + 3)
  }
  return ended(mix32(sums, bytes, length - 16, length - 32, LAST_KEYS - 16), length)
}
