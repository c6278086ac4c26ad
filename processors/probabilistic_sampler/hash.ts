import type { Randomness } from '../../pipeline/sampling/threshold.ts'

const BUCKET_BITS = 14
/** Into so many parts hashes are divided; a power of two. */
export const BUCKETS = 1 << BUCKET_BITS

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a of 32 bits over the seed, little-endian, and then the bytes. Source: RFC 9923 */
function fnv1a(seed: number, bytes: Uint8Array): number {
  let hash = FNV_OFFSET
  for (let shift = 0; shift < 32; shift += 8) {
    hash = Math.imul(hash ^ ((seed >>> shift) & 0xff), FNV_PRIME)
  }
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return hash >>> 0
}

const hex7 = (bits28: number): string => bits28.toString(16).padStart(7, '0')

/**
 * The randomness that a hash stands for, made so that `threshold <= randomness` says what `bucket < rate` said before there were
 * thresholds:
 *
 *     14 bits  last bucket less the hash's
 *     28 bits  the upper bits of the hash, twice, one above the other
 *     14 bits  the bucket: the lower bits of the hash
 */
export function hashedRandomness(seed: number, bytes: Uint8Array): Randomness {
  const hash = fnv1a(seed, bytes)
  const bucket = hash & (BUCKETS - 1)
  const upper = hash >>> (32 - BUCKET_BITS)
  const mixed = upper ^ (upper << 10)
  const high = ((BUCKETS - 1 - bucket) << BUCKET_BITS) | (mixed >>> BUCKET_BITS)
  const low = ((mixed & (BUCKETS - 1)) << BUCKET_BITS) | bucket
  return hex7(high) + hex7(low)
}
