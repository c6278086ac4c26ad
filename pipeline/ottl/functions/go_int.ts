import type { Integer } from '../../data/metrics.ts'
import { integer } from '../value.ts'

/** No 64 bits hold more, and these only if it is below zero. */
const LARGEST = 2n ** 63n
const PREFIXES: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 }

/** The number that a text is for Go's `strconv.ParseInt`; undefined if it is none, or has more than 64 bits. */
export function parseGoInt(text: string, base: number): Integer | undefined {
  const [, sign = '', all = ''] = /^([+-]?)(.*)$/s.exec(text.toLowerCase()) ?? []
  const [radix, digits] = base === 0 ? withPrefix(all) : [base, all]
  if (radix < 2 || radix > 36 || !/^[0-9a-z]+$/.test(digits)) return undefined
  let value = 0n
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36)
    if (worth >= radix) return undefined
    value = value * BigInt(radix) + BigInt(worth)
    if (value > LARGEST) return undefined
  }
  const signed = sign === '-' ? -value : value
  return signed === LARGEST ? undefined : integer(signed)
}

/** A number as programs write them: `0x1f`, `0o17`, `017`, `1_000`. */
function withPrefix(text: string): readonly [radix: number, digits: string] {
  const prefix = PREFIXES[text.slice(0, 2)]
  const octal = prefix === undefined && /^0./.test(text)
  const digits = prefix === undefined ? text : text.slice(2)
  const divided = prefix === undefined ? digits : `0${digits}`
  if (/^_|__|_$/.test(divided)) return [0, '']
  return [prefix ?? (octal ? 8 : 10), digits.replaceAll('_', '')]
}
