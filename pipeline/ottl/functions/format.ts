import type { AnyValue } from '../../data/attributes.ts'
import { textOf } from '../arguments.ts'

const VERB = /%([-+ #0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

/** Go's Sprintf, as far as values of attributes go: %s %d %f %e %g %x %X %o %b %q %t %v, with flags, width and precision. */
export function format(template: string, values: readonly AnyValue[]): string {
  let at = 0
  const text = template.replaceAll(VERB, (_, flags: string, width, precision, verb: string) => {
    if (verb === '%') return '%'
    const value = values[at++]
    if (value === undefined) return `%!${verb}(MISSING)`
    return padded(shown(value, verb, flags, precision), flags, Number(width ?? 0))
  })
  const extra = values.slice(at).map((one) => textOf(one))
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width)
  if (!flags.includes('0')) return text.padStart(width)
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

const BASES: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 }

function shown(value: AnyValue, verb: string, flags: string, precision?: string): string {
  const base = BASES[verb]
  if (value.kind === 'int' && base !== undefined)
    return signed(value.value.toString(base), flags, verb)
  if (value.kind === 'double' && 'eEfFgG'.includes(verb)) {
    return signed(ofDouble(value.value, verb, precision), flags, verb)
  }
  const text = textOf(value)
  if (verb === 'q') return JSON.stringify(text)
  if (base === 16) {
    const hex = Buffer.from(value.kind === 'bytes' ? value.value : text).toString('hex')
    return verb === 'X' ? hex.toUpperCase() : hex
  }
  const cut = precision === undefined ? text : text.slice(0, Number(precision))
  const fits = verb === 'v' || verb === 's' || (verb === 't' && value.kind === 'bool')
  return fits ? cut : `%!${verb}(${text})`
}

const signed = (text: string, flags: string, verb: string): string => {
  const plain = verb === 'X' ? text.toUpperCase() : text
  if (plain.startsWith('-')) return plain
  return flags.includes('+') ? `+${plain}` : flags.includes(' ') ? ` ${plain}` : plain
}

function ofDouble(value: number, verb: string, precision?: string): string {
  const digits = Number(precision ?? 6)
  if (verb === 'f' || verb === 'F') return value.toFixed(digits)
  if (verb === 'e' || verb === 'E') return exponent(value.toExponential(digits))
  return precision === undefined
    ? String(value)
    : exponent(String(Number(value.toPrecision(digits || 1))))
}

/** Go writes at least two digits of an exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')
