const SLOTS = 4096 // a power of two
const LONGEST = 40 // bytes

/** One for all readers: keys and names are the same in every request. */
const strings = new Array<string>(SLOTS).fill('')

/**
 * The string of some ASCII bytes if it was put here lately. Making a string of bytes costs a call into C++, and its memory
 * once more with every span.
 */
export function cachedString(buf: Uint8Array, start: number, length: number): string | undefined {
  if (length > LONGEST) return undefined
  const text = strings[slotOf(buf, start, length)] as string
  if (text.length !== length) return undefined
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) !== buf[start + i]) return undefined
  }
  return text
}

/** Takes the place of what has the same slot: the cache is bounded, whatever is sent. */
export function cacheString(buf: Uint8Array, start: number, text: string, length: number): void {
  // As many units as bytes: ASCII, or it is not found.
  if (length <= LONGEST && text.length === length) strings[slotOf(buf, start, length)] = text
}

/** Of the first, middle and last bytes: what is common to keys of one namespace lies between. `length` is not 0. */
function slotOf(buf: Uint8Array, start: number, length: number): number {
  const end = start + length
  const middle = start + (length >> 1)
  let hash = length
  hash = Math.imul(hash, 31) + (buf[start] as number)
  hash = Math.imul(hash, 31) + (buf[middle] as number)
  hash = Math.imul(hash, 31) + (buf[middle + 1 < end ? middle + 1 : start] as number)
  hash = Math.imul(hash, 31) + (buf[length > 3 ? end - 3 : start] as number)
  hash = Math.imul(hash, 31) + (buf[length > 1 ? end - 2 : start] as number)
  hash = Math.imul(hash, 31) + (buf[end - 1] as number)
  return (hash ^ (hash >>> 12)) & (SLOTS - 1)
}
