const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i
const NAMED = /^([+-]?)(?:(inf|infinity)|nan)$/i
/** One that is not between two digits. */
const LOOSE_UNDERSCORE = /(?<![\da-f])_|_(?![\da-f])/i

/** The number that a text is for Go's `strconv.ParseFloat`; undefined if it is none, or too large for a double. */
export function parseGoFloat(text: string): number | undefined {
  const [, sign, infinite] = NAMED.exec(text) ?? []
  if (sign !== undefined) {
    if (infinite === undefined) return Number.NaN
    return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  if (LOOSE_UNDERSCORE.test(text)) return undefined
  const digits = text.replaceAll('_', '')
  const number = DECIMAL.test(digits) ? Number(digits) : hexadecimal(digits)
  return number !== undefined && Number.isFinite(number) ? number : undefined
}

function hexadecimal(text: string): number | undefined {
  const [, sign, whole = '', part = '', exponent] = HEXADECIMAL.exec(text) ?? []
  if (whole + part === '') return undefined
  const value = Number(`0x${whole}${part}`) * 2 ** (Number(exponent) - 4 * part.length)
  return sign === '-' ? -value : value
}
