import type { AnyValue } from '../../data/attributes.ts'
import { valueText } from '../../data/value_text.ts'
import { exponential, fixed, general } from './go_format_float.ts'

const VERB = /%([-+ #0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.|$)/gsu
const NO_VERB = '%!(NOVERB)'
/** Above it, or below its negative, Go takes no width and no precision. */
const LARGEST = 1_000_000

interface Style {
  readonly flags: string
  readonly precision: number | undefined
}

/** The arguments, and which is the next. */
interface Operands {
  readonly values: readonly AnyValue[]
  at: number
  ordered: boolean
}

/**
 * Go's Sprintf, as far as values of attributes go: %v %s %d %f %e %g %x %X %o %b %c %q %U %t %T with flags, width,
 * precision and the number of an argument. What does not fit is told in the text, as there.
 */
export function format(template: string, values: readonly AnyValue[]): string {
  const operands: Operands = { values, at: 0, ordered: true }
  let text = ''
  let end = 0
  for (const match of template.matchAll(VERB)) {
    text += template.slice(end, match.index)
    end = match.index + match[0].length
    if (Number(match[3]) > LARGEST || Number(match[4]) > LARGEST) {
      text += NO_VERB // Go reads nothing behind such a number
      end = template.length
      break
    }
    text += directive(match, operands)
  }
  text += template.slice(end)
  const extra = operands.ordered ? values.slice(operands.at).map(named) : []
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}

function directive(match: RegExpExecArray, operands: Operands): string {
  const [, flags = '', early, wide, precise, late, verb = ''] = match
  if (verb === '') return NO_VERB
  if (verb === '%') return '%'
  const isEarlyThere = goTo(early, operands)
  const width = wide === '*' ? intOf(operands) : Number(wide ?? 0)
  const asked = precise === '*' ? intOf(operands) : precise === undefined ? -1 : Number(precise)
  const isThere = goTo(late, operands) && isEarlyThere
  const isBadPrecision = precise === '*' && (asked === undefined || asked < 0)
  const faults = `${width === undefined ? '%!(BADWIDTH)' : ''}${isBadPrecision ? '%!(BADPREC)' : ''}`
  if (!isThere) return `${faults}%!${verb}(BADINDEX)`
  const value = operands.values[operands.at++]
  if (value === undefined) return `${faults}%!${verb}(MISSING)`
  const precision = asked === undefined || asked < 0 ? undefined : asked
  return faults + padded(shown(value, verb, { flags, precision }), flags, width ?? 0)
}

/** False if there is no argument of that number. */
function goTo(number: string | undefined, operands: Operands): boolean {
  if (number === undefined) return true
  operands.ordered = false
  const at = Number(number) - 1
  if (operands.values[at] === undefined) return false
  operands.at = at
  return true
}

/** A width or precision that an argument gives; undefined if Go takes none from it. */
function intOf(operands: Operands): number | undefined {
  const value = operands.values[operands.at++]
  const number = value?.kind === 'int' ? Number(value.value) : Number.NaN
  return Math.abs(number) <= LARGEST ? number : undefined
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-') || width < 0) return text.padEnd(Math.abs(width))
  if (!flags.includes('0')) return text.padStart(width)
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

const TYPES: Readonly<Record<AnyValue['kind'], string>> = {
  empty: '',
  string: 'string',
  bool: 'bool',
  int: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  array: '[]interface {}',
  kvlist: 'map[string]interface {}',
}

/** As %v has it. */
function plain(value: AnyValue): string {
  switch (value.kind) {
    case 'empty':
      return '<nil>'
    case 'double':
      return general(value.value, undefined)
    case 'bytes':
      return `[${[...value.value].join(' ')}]`
    case 'array':
      return `[${value.value.map(plain).join(' ')}]`
    default:
      return valueText(value)
  }
}

const named = (value: AnyValue): string =>
  value.kind === 'empty' ? plain(value) : `${TYPES[value.kind]}=${plain(value)}`

function shown(value: AnyValue, verb: string, style: Style): string {
  if (verb === 'v') return signed(plain(value), value, style)
  if (verb === 'T') return TYPES[value.kind] || '<nil>'
  return fitting(value, verb, style) ?? `%!${verb}(${named(value)})`
}

/** Undefined if the verb is not for such a value. */
function fitting(value: AnyValue, verb: string, style: Style): string | undefined {
  switch (value.kind) {
    case 'string':
    case 'bytes':
      return ofText(Buffer.from(value.value as string), verb, style) ?? ofBytes(value, verb)
    case 'int':
      return ofInt(value.value, verb, style)
    case 'double':
      return ofDouble(value, verb, style)
    case 'bool':
      return verb === 't' ? String(value.value) : undefined
    case 'array':
      return ofArray(value.value, verb, style)
    case 'kvlist':
      return verb === 's' ? plain(value) : undefined
    case 'empty':
      return undefined
  }
}

/** All in the precision that is asked for, unless that makes a text which nothing should be. */
function ofArray(values: readonly AnyValue[], verb: string, style: Style): string {
  if ((style.precision ?? 0) * values.length > LARGEST) return '%!(BADPREC)'
  return `[${values.map((one) => shown(one, verb, style)).join(' ')}]`
}

function ofText(raw: Buffer, verb: string, { precision }: Style): string | undefined {
  const text = [...raw.toString()].slice(0, precision).join('')
  if (verb === 's') return text
  if (verb === 'q') return JSON.stringify(text)
  if (verb === 'x' || verb === 'X') return cased(raw.subarray(0, precision).toString('hex'), verb)
  return undefined
}

const ofBytes = (value: AnyValue, verb: string): string | undefined =>
  value.kind === 'bytes' && verb === 'd' ? plain(value) : undefined

const cased = (text: string, verb: string): string => (verb === 'X' ? text.toUpperCase() : text)

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  d: [10, ''],
  x: [16, '0x'],
  X: [16, '0x'],
  o: [8, '0'],
  O: [8, '0o'],
  b: [2, '0b'],
}

function ofInt(value: number | bigint, verb: string, style: Style): string | undefined {
  const [base, prefix = ''] = BASES[verb] ?? []
  if (base !== undefined) {
    const digits = (value < 0 ? -BigInt(value) : value).toString(base)
    const first = style.flags.includes('#') || verb === 'O' ? prefix : ''
    const whole = (value < 0 ? '-' : '') + first + digits.padStart(style.precision ?? 0, '0')
    return signed(cased(whole, verb), { kind: 'int', value }, style)
  }
  if (verb === 'U') return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`
  if (verb === 'c') return character(value)
  return verb === 'q' ? `'${character(value)}'` : undefined
}

const character = (value: number | bigint): string =>
  value >= 0 && value <= 0x10ffff ? String.fromCodePoint(Number(value)) : '\ufffd'

function ofDouble(
  value: Extract<AnyValue, { kind: 'double' }>,
  verb: string,
  style: Style,
): string | undefined {
  const { precision } = style
  const number = value.value
  const text = digitsOf(number, verb.toLowerCase(), precision)
  if (text === undefined) return undefined
  return signed(verb === 'E' || verb === 'G' ? text.toUpperCase() : text, value, style)
}

function digitsOf(number: number, verb: string, precision: number | undefined): string | undefined {
  if (!'feg'.includes(verb)) return undefined
  if (verb === 'g' || !Number.isFinite(number)) return general(number, precision)
  return verb === 'f' ? fixed(number, precision ?? 6) : exponential(number, precision ?? 6)
}

/** `+` before what is not negative, or a space, if the flags say so. */
function signed(text: string, { kind }: AnyValue, { flags }: Style): string {
  if ((kind !== 'int' && kind !== 'double') || text.startsWith('-')) return text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}
