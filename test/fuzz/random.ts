/** A random generator that a seed repeats exactly: a failing input is named by its seed alone. */
export interface Random {
  /** From 0 up to, not including, `limit`. */
  below(limit: number): number
  pick<T>(from: readonly [T, ...T[]]): T
  chance(oneIn: number): boolean
  bytes(length: number): Buffer
}

/** Mulberry32: 32 bits of state, good enough to wander, and fast. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit)
  return {
    below,
    pick: (from) => from[below(from.length)] ?? from[0],
    chance: (oneIn) => below(oneIn) === 0,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

/** `seed` bytes with a few of them changed, doubled, moved or cut: close enough to valid to get far. */
export function mutate(from: Random, seed: Buffer): Buffer {
  let bytes = Buffer.from(seed)
  for (let i = from.below(4); i > 0 && bytes.length > 0; i--) {
    const at = from.below(bytes.length)
    const end = Math.min(bytes.length, at + from.below(40))
    switch (from.below(5)) {
      case 0:
        bytes[at] = from.below(256)
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
        break
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
        break
      case 3:
        bytes = bytes.subarray(0, at)
        break
      default:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          from.bytes(from.below(20)),
          bytes.subarray(at),
        ])
    }
  }
  return bytes
}
