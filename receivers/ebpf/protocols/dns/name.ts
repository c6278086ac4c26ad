/** Limits of the format. Source: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const MAX_NAME_BYTES = 255
const POINTER = 0xc0
const MAX_POINTER = 0x3fff

export interface Name {
  /** Lower case, for names are compared so and some resolvers ask in any; without the last dot, but for the root's. */
  readonly text: string
  /** Behind it, in the message. */
  readonly end: number
}

/**
 * Reads the name at `at`; undefined if it is none, or not all at hand. A pointer leads to what lies before the labels that it ends,
 * so no name has more of them than bytes, and none goes round in circles.
 *
 *     length 1, below 64 | label    any number of times, then
 *     0                             the end, or
 *     11 | offset 14 bits           goes on there
 */
export function readName(bytes: Buffer, at: number): Name | undefined {
  const labels: string[] = []
  let total = 1
  let end = 0
  let limit = at
  for (let next = at; ; ) {
    const length = bytes[next]
    if (length === undefined) return undefined
    if (length === 0) return { text: labels.join('.') || '.', end: end || next + 1 }
    if (length >= POINTER) {
      if (next + 1 >= bytes.length) return undefined
      end ||= next + 2
      next = bytes.readUInt16BE(next) & MAX_POINTER
      if (next >= limit) return undefined
      limit = next
      continue
    }
    total += 1 + length
    if (length > 63 || total > MAX_NAME_BYTES || next + 1 + length > bytes.length) return undefined
    labels.push(labelText(bytes.subarray(next + 1, next + 1 + length)))
    next += 1 + length
  }
}

/** As master files write it: what is no letter, digit, hyphen or underscore, as its number. */
const labelText = (label: Buffer): string =>
  label
    .toString('latin1')
    .toLowerCase()
    .replace(/[^a-z0-9_*-]/g, (one) => `\\${String(one.charCodeAt(0)).padStart(3, '0')}`)

/** Where the name at `at` ends, without reading it; undefined if that is not at hand. */
export function skipName(bytes: Buffer, at: number): number | undefined {
  for (let next = at; next - at <= MAX_NAME_BYTES; ) {
    const length = bytes[next]
    if (length === undefined) return undefined
    if (length === 0) return next + 1
    if (length >= POINTER) return next + 2
    if (length > 63) return undefined
    next += 1 + length
  }
  return undefined
}
