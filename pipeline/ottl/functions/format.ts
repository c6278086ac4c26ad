import type { AnyValue } from '../../data/attributes.ts'
import { valueText } from '../../data/value_text.ts'

const VERB = /%([-+ #0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\d+))?(?:\[(\d+)\])?(.|$)/gsu

interface Style {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
}

/**
 * Go's Sprintf, as far as values of attributes go: %v %s %d %f %e %g %x %X %o %b %c %q %U %t %T with flags, width,
 * precision and the number of an argument. What does not fit is told in the text, as there.
 */
export function format(template: string, values: readonly AnyValue[]): string {
  let at = 0
  let ordered = true
  const text = template.replaceAll(VERB, (_, flags, early, wide, precise, late, verb) => {
    if (verb === '') return '%!(NOVERB)'
    if (verb === '%') return '%'
    const number = early ?? late
    if (number !== undefined) {
      ordered = false
      at = Number(number) - 1
    }
    const width = wide === '*' ? widthOf(values[at++]) : Number(wide ?? 0)
    const value = values[at++]
    if (value === undefined) return `%!${verb}(${number === undefined ? 'MISSING' : 'BADINDEX'})`
    const precision = precise === undefined ? undefined : Number(precise)
    return padded(shown(value, verb, { flags, width, precision }), flags, width)
  })
  const extra = ordered ? values.slice(at).map(named) : []
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}

const widthOf = (value: AnyValue | undefined): number =>
  value?.kind === 'int' ? Number(value.value) : 0

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width)
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
      return `[${value.value.map((one) => shown(one, verb, style)).join(' ')}]`
    case 'kvlist':
      return verb === 's' ? plain(value) : undefined
    case 'empty':
      return undefined
  }
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
  const texts: Readonly<Record<string, () => string>> = {
    f: () => number.toFixed(precision ?? 6),
    e: () => exponent(number.toExponential(precision ?? 6)),
    g: () => general(number, precision),
  }
  const text = texts[verb.toLowerCase()]?.()
  if (text === undefined) return undefined
  return signed(verb === 'E' || verb === 'G' ? text.toUpperCase() : text, value, style)
}

/** `+` before what is not negative, or a space, if the flags say so. */
function signed(text: string, { kind }: AnyValue, { flags }: Style): string {
  if ((kind !== 'int' && kind !== 'double') || text.startsWith('-')) return text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

/** Most digits before the point of a number that is written without an exponent. */
const WHOLE_DIGITS = 6

function general(number: number, precision: number | undefined): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? '+Inf' : '-Inf'
  const digits = precision === undefined ? undefined : Math.max(precision, 1) - 1
  const [mantissa = '', power = '0'] = number.toExponential(digits).split('e')
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  const ten = Number(power)
  if (ten < -4 || ten >= Math.max(precision ?? WHOLE_DIGITS, 1))
    return exponent(`${short}e${power}`)
  return String(Number(`${short}e${power}`))
}

/** Go writes at least two digits of an exponent. */
const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')
