import { u64 } from './bits.ts'

export const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n

/** FNV-1a, 64 bit, of what came before, which `start` is the hash of, and `bytes`. Source: https://datatracker.ietf.org/doc/html/rfc9923 */
export function fnv64(bytes: Uint8Array, start = FNV_OFFSET): bigint {
  let hash = start
  for (const byte of bytes) hash = u64((hash ^ BigInt(byte)) * FNV_PRIME)
  return hash
}
