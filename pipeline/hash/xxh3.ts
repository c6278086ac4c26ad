import { hex64, rotl64, u64 } from './bits.ts'

/** What keys are taken from where nobody gives another. */
const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f' +
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e' +
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)

const P32_1 = 0x9e3779b1n
export const P32_2 = 0x85ebca77n
const P32_3 = 0xc2b2ae3dn
export const P64_1 = 0x9e3779b185ebca87n
export const P64_2 = 0xc2b2ae3d27d4eb4fn
export const P64_3 = 0x165667b19e3779f9n
export const P64_4 = 0x85ebca77c2b2ae63n
export const P64_5 = 0x27d4eb2f165667c5n
const MIX_1 = 0x165667919e3779f9n
export const MIX_2 = 0x9fb21c651e98df25n

const STRIPE_BYTES = 64
const STRIPES_OF_BLOCK = 16
/** Of the longest texts that have a way of their own. */
export const MIDDLE_MAX = 240
/** Where the keys of what comes last begin, for texts of middle length. */
export const LAST_KEYS = 119
const MASK_32 = 0xffffffffn

export const read64 = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at)
export const read32 = (bytes: Buffer, at: number): bigint => BigInt(bytes.readUInt32LE(at))
export const key64 = (at: number): bigint => SECRET.readBigUInt64LE(at)
export const key32 = (at: number): bigint => BigInt(SECRET.readUInt32LE(at))

export const xorShift = (value: bigint, by: bigint): bigint => value ^ (value >> by)

export const avalanche = (hash: bigint): bigint => xorShift(u64(xorShift(hash, 37n) * MIX_1), 32n)

/** XXH64's, for what is shortest. */
export const avalancheOf64 = (hash: bigint): bigint =>
  xorShift(u64(xorShift(u64(xorShift(hash, 33n) * P64_2), 29n) * P64_3), 32n)

export function swap64(value: bigint): bigint {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.readBigUInt64BE()
}

/** Both halves of the product, on top of each other. */
function folded(left: bigint, right: bigint): bigint {
  const product = left * right
  return u64(product) ^ (product >> 64n)
}

export const mix16 = (bytes: Buffer, at: number, keys: number): bigint =>
  folded(read64(bytes, at) ^ key64(keys), read64(bytes, at + 8) ^ key64(keys + 8))

/** The first, middle and last of up to three bytes, and how many there are. */
export function packed3(bytes: Buffer): number {
  const { length } = bytes
  const [first = 0, middle = 0, last = 0] = [bytes[0], bytes[length >> 1], bytes[length - 1]]
  return ((first << 16) | (middle << 24) | last | (length << 8)) >>> 0
}

/** XXH3 with 64 bits and without a seed, in hex. Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export const xxh3 = (bytes: Buffer): string => hex64(hashOf(bytes))

function hashOf(bytes: Buffer): bigint {
  const { length } = bytes
  if (length === 0) return avalancheOf64(key64(56) ^ key64(64))
  if (length <= 3) return avalancheOf64(BigInt(packed3(bytes)) ^ key32(0) ^ key32(4))
  if (length <= 8) return hashTo8(bytes)
  if (length <= 16) return hashTo16(bytes)
  if (length <= 128) return hashTo128(bytes)
  if (length <= MIDDLE_MAX) return hashTo240(bytes)
  return merged(accumulated(bytes), 11, u64(BigInt(length) * P64_1))
}

function hashTo8(bytes: Buffer): bigint {
  const length = BigInt(bytes.length)
  const word = read32(bytes, bytes.length - 4) + (read32(bytes, 0) << 32n)
  let hash = word ^ key64(8) ^ key64(16)
  hash = u64((hash ^ rotl64(hash, 49n) ^ rotl64(hash, 24n)) * MIX_2)
  hash = u64((hash ^ u64((hash >> 35n) + length)) * MIX_2)
  return xorShift(hash, 28n)
}

function hashTo16(bytes: Buffer): bigint {
  const low = read64(bytes, 0) ^ key64(24) ^ key64(32)
  const high = read64(bytes, bytes.length - 8) ^ key64(40) ^ key64(48)
  return avalanche(u64(BigInt(bytes.length) + swap64(low) + high + folded(low, high)))
}

/** From both ends to the middle. */
function hashTo128(bytes: Buffer): bigint {
  const { length } = bytes
  let sum = BigInt(length) * P64_1
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    sum += mix16(bytes, 16 * i, 32 * i) + mix16(bytes, length - 16 * (i + 1), 32 * i + 16)
  }
  return avalanche(u64(sum))
}

function hashTo240(bytes: Buffer): bigint {
  const { length } = bytes
  let sum = BigInt(length) * P64_1
  for (let i = 0; i < 8; i++) sum += mix16(bytes, 16 * i, 16 * i)
  sum = avalanche(u64(sum))
  for (let i = 8; i < length >> 4; i++) sum += mix16(bytes, 16 * i, 16 * (i - 8) + 3)
  return avalanche(u64(sum + mix16(bytes, length - 16, LAST_KEYS)))
}

/** What long texts become, 64 bytes after the other. */
export function accumulated(bytes: Buffer): bigint[] {
  const sums = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
  const stripes = Math.floor((bytes.length - 1) / STRIPE_BYTES)
  for (let i = 0; i < stripes; i++) {
    const inBlock = i % STRIPES_OF_BLOCK
    addStripe(sums, bytes, i * STRIPE_BYTES, inBlock * 8)
    if (inBlock === STRIPES_OF_BLOCK - 1) scramble(sums)
  }
  addStripe(sums, bytes, bytes.length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7)
  return sums
}

function addStripe(sums: bigint[], bytes: Buffer, at: number, keys: number): void {
  for (let i = 0; i < 8; i++) {
    const word = read64(bytes, at + 8 * i)
    const mixed = word ^ key64(keys + 8 * i)
    sums[i ^ 1] = u64((sums[i ^ 1] ?? 0n) + word)
    sums[i] = u64((sums[i] ?? 0n) + (mixed & MASK_32) * (mixed >> 32n))
  }
}

function scramble(sums: bigint[]): void {
  const keys = SECRET.length - STRIPE_BYTES
  for (const [i, sum] of sums.entries()) {
    sums[i] = u64((xorShift(sum, 47n) ^ key64(keys + 8 * i)) * P32_1)
  }
}

export function merged(sums: readonly bigint[], keys: number, start: bigint): bigint {
  let sum = start
  for (let i = 0; i < 8; i += 2) {
    const [left = 0n, right = 0n] = [sums[i], sums[i + 1]]
    sum += folded(left ^ key64(keys + 8 * i), right ^ key64(keys + 8 * i + 8))
  }
  return avalanche(u64(sum))
}

/** Where the keys begin that the upper half of the long form takes. */
export const UPPER_KEYS = SECRET.length - STRIPE_BYTES - 11
