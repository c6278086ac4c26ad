import type { AnyValue } from '../../pipeline/data/attributes.ts'

const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n

/** What a text looks like (`parse_string_tags`): an integer of 64 bits, a number, a bool, or else itself. */
export function valueOfText(text: string): AnyValue {
  if (text === 'true' || text === 'false') return { kind: 'bool', value: text === 'true' }
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace('+', ''))
    if (value >= MIN_INT64 && value <= MAX_INT64) return intValue(value)
  }
  return /^[+-]?\d+\.\d+([eE][+-]?\d+)?$/.test(text)
    ? { kind: 'double', value: Number(text) }
    : { kind: 'string', value: text }
}

/** A bigint only beyond 2^53. */
export function intValue(value: bigint | number): AnyValue {
  const number = Number(value)
  return { kind: 'int', value: Number.isSafeInteger(number) ? number : value }
}
