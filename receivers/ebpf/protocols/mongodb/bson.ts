/** Where an element's value lies; `bytes` counts what of it may not be at hand, too. */
export interface Element {
  readonly type: number
  readonly name: string
  readonly at: number
  readonly bytes: number
}

export const BSON = {
  double: 1,
  string: 2,
  document: 3,
  array: 4,
  bool: 8,
  int32: 16,
  int64: 18,
} as const

const MAX_NAME_BYTES = 255
const MAX_DOCUMENT_BYTES = 64 << 20
/** Bytes of values that have always as many: by type. */
const FIXED: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
}
/** Bytes that a value has besides those that it counts: of strings, binaries, references; documents count themselves. */
const COUNTED: Readonly<Record<number, number>> = {
  2: 4,
  3: 0,
  4: 0,
  5: 5,
  12: 16,
  13: 4,
  14: 4,
  15: 0,
}

/** Of a regular expression: two texts with a 0 behind each. */
function regexBytes(bytes: Buffer, at: number): number | undefined {
  const middle = bytes.indexOf(0, at)
  const end = middle < 0 ? -1 : bytes.indexOf(0, middle + 1)
  return end < 0 ? undefined : end + 1 - at
}

function valueBytes(bytes: Buffer, type: number, at: number): number | undefined {
  const fixed = FIXED[type]
  if (fixed !== undefined) return fixed
  if (type === 11) return regexBytes(bytes, at)
  const more = COUNTED[type]
  if (more === undefined || at + 4 > bytes.length) return undefined
  const counted = bytes.readInt32LE(at)
  return counted < 0 || counted > MAX_DOCUMENT_BYTES ? undefined : counted + more
}

/** The length of a document at the front; undefined if none begins there. */
export function documentBytes(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined
  const length = bytes.readInt32LE(0)
  return length < 5 || length > MAX_DOCUMENT_BYTES ? undefined : length
}

/** The elements of the document at the front, as far as they are at hand and make sense. Source: https://bsonspec.org/spec.html */
export function* elements(bytes: Buffer): Generator<Element> {
  const own = bytes.subarray(0, documentBytes(bytes) ?? 0)
  let at = 4
  while (at < own.length) {
    const type = own[at] ?? 0
    const end = own.indexOf(0, at + 1)
    if (type === 0 || end < 0 || end - at > MAX_NAME_BYTES) return
    const value = valueBytes(own, type, end + 1)
    if (value === undefined) return
    yield { type, name: own.toString('utf8', at + 1, end), at: end + 1, bytes: value }
    at = end + 1 + value
  }
}

/** '' of what is no text, or not at hand. */
export function textOf(bytes: Buffer, { type, at, bytes: length }: Element): string {
  if (type !== BSON.string || length > 1024 || at + length > bytes.length) return ''
  return bytes.toString('utf8', at + 4, at + length - 1)
}

/** Undefined of what is no number, or not at hand. */
export function numberOf(bytes: Buffer, { type, at, bytes: length }: Element): number | undefined {
  if (at + length > bytes.length) return undefined
  if (type === BSON.double) return bytes.readDoubleLE(at)
  if (type === BSON.int32) return bytes.readInt32LE(at)
  if (type === BSON.int64) return Number(bytes.readBigInt64LE(at))
  return type === BSON.bool ? (bytes[at] ?? 0) : undefined
}
