import { textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { array, bool, int, text } from '../value.ts'
import { toCamelCase, toSnakeCase } from './cases.ts'
import { format } from './format.ts'

/** A converter of one text; nil gives nil. */
const ofText = (name: string, change: (value: string) => string): FunctionSpec =>
  converter(name, ['target'], (args) => {
    const target = args.text('target')
    return (frame) => text(change(target(frame)))
  })

const concat = converter('Concat', ['vals', 'delimiter'], (args) => {
  const values = args.operand('vals').get
  const delimiter = args.text('delimiter')
  return (frame) => {
    const list = values(frame)
    if (list?.kind !== 'array') throw new EvaluationError('Concat: vals must be a list')
    const parts = list.value.map((one) => (one.kind === 'empty' ? '<nil>' : textOf(one)))
    return text(parts.join(delimiter(frame)))
  }
})

const split = converter('Split', ['target', 'delimiter'], (args) => {
  const target = args.text('target')
  const delimiter = args.text('delimiter')
  return (frame) => array(target(frame).split(delimiter(frame)).map(text))
})

const convertCase = converter('ConvertCase', ['target', 'to_case'], (args) => {
  const target = args.text('target')
  const change = CASES[args.oneOf('to_case', ['lower', 'upper', 'snake', 'camel'])]
  return (frame) => text(change(target(frame)))
})

const CASES = {
  lower: (value: string) => value.toLowerCase(),
  upper: (value: string) => value.toUpperCase(),
  snake: toSnakeCase,
  camel: toCamelCase,
} as const

/** Whether one text is at an end of the other. */
const atEnd = (name: string, parameter: string, test: (value: string, part: string) => boolean) =>
  converter(name, ['target', parameter], (args) => {
    const target = args.text('target')
    const part = args.text(parameter)
    return (frame) => bool(test(target(frame), part(frame)))
  })

const trimmedBy = (
  name: string,
  parameter: string,
  trim: (value: string, part: string) => string,
) =>
  converter(name, ['target', parameter], (args) => {
    const target = args.text('target')
    const part = args.text(parameter)
    return (frame) => text(trim(target(frame), part(frame)))
  })

const trim = converter('Trim', ['target', 'replacement?'], (args) => {
  const target = args.text('target')
  const characters = args.has('replacement') ? args.literalText('replacement') : ' '
  return (frame) => {
    const value = [...target(frame)]
    const start = value.findIndex((one) => !characters.includes(one))
    if (start === -1) return text('')
    const end = value.findLastIndex((one) => !characters.includes(one))
    return text(value.slice(start, end + 1).join(''))
  }
})

/** Whether a byte of UTF-8 is not the first of its character. */
export const isInside = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80

const substring = converter('Substring', ['target', 'start', 'length', 'utf8_safe?'], (args) => {
  const target = args.text('target')
  const [start, length] = [args.int('start'), args.int('length')]
  const whole = args.has('utf8_safe') && args.literalBool('utf8_safe')
  return (frame) => {
    const bytes = Buffer.from(target(frame))
    const count = Number(length(frame))
    let from = Number(start(frame))
    if (from < 0 || count <= 0 || from + count > bytes.length) {
      throw new EvaluationError(
        `Substring: ${from} and ${count} are out of range of ${bytes.length}`,
      )
    }
    let end = from + count
    while (whole && isInside(bytes[from])) from += 1
    while (whole && end > from && isInside(bytes[end])) end -= 1
    return text(bytes.toString('utf8', from, Math.max(from, end)))
  }
})

const formatted = converter('Format', ['format', 'vals'], (args) => {
  const template = args.literalText('format')
  const values = args.list('vals')
  return (frame) => text(format(template, values(frame)))
})

const characterCount = (value: string): number => Buffer.byteLength(value)

const len = converter('Len', ['target'], (args) => {
  const target = args.value('target')
  return (frame) => {
    const value = target(frame)
    if (value?.kind === 'string') return int(characterCount(value.value))
    if (value?.kind === 'array' || value?.kind === 'kvlist' || value?.kind === 'bytes') {
      return int(value.value.length)
    }
    if (value?.kind === 'data' && Array.isArray(value.value)) return int(value.value.length)
    throw new EvaluationError('Len: target must be a string, a list or a map')
  }
})

export const texts = [
  concat,
  split,
  convertCase,
  atEnd('HasPrefix', 'prefix', (value, part) => value.startsWith(part)),
  atEnd('HasSuffix', 'suffix', (value, part) => value.endsWith(part)),
  trim,
  trimmedBy('TrimPrefix', 'prefix', (value, part) =>
    value.startsWith(part) ? value.slice(part.length) : value,
  ),
  trimmedBy('TrimSuffix', 'suffix', (value, part) =>
    part !== '' && value.endsWith(part) ? value.slice(0, -part.length) : value,
  ),
  substring,
  formatted,
  len,
  ofText('ToLowerCase', CASES.lower),
  ofText('ToUpperCase', CASES.upper),
  ofText('ToSnakeCase', toSnakeCase),
  ofText('ToCamelCase', toCamelCase),
]
