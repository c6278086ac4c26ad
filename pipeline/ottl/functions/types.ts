import { parseGoFloat } from '../../go_float.ts'
import { remembering } from '../../regexp.ts'
import { type Arguments, textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { Frame } from '../frame.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { bool, double, int, integer, isId, text, typeName, type Value } from '../value.ts'
import { parseGoInt } from './go_int.ts'
import { expressionOf } from './patterns.ts'

const NO_FRAME = new Frame()

/** Whether a value has a type. */
const isKind = (name: string, parameter: string, kinds: readonly string[]): FunctionSpec =>
  converter(name, [parameter], (args) => {
    const target = args.value(parameter)
    return (frame) => {
      const value = target(frame)
      return bool(value !== undefined && kinds.includes(value.kind))
    }
  })

const isList = converter('IsList', ['target'], (args) => {
  const target = args.value('target')
  return (frame) => {
    const value = target(frame)
    return bool(value?.kind === 'array' || (value?.kind === 'data' && Array.isArray(value.value)))
  }
})

const isMatch = converter('IsMatch', ['target', 'pattern'], (args) => {
  const target = args.textLike('target')
  const expression = expressionOf(args, 'pattern')
  if (args.operand('pattern').constant === undefined) {
    return (frame) => {
      const value = target(frame)
      return bool(value !== undefined && expression(frame).test(value))
    }
  }
  const test = remembering((value) => expression(NO_FRAME).test(value))
  return (frame) => {
    const value = target(frame)
    return bool(value !== undefined && test(value))
  }
})

/** A converter of one argument; nil becomes nil, and a literal that cannot be converted is a mistake. */
export const mapping = (
  name: string,
  parameter: string,
  convert: (value: Exclude<Value, undefined>) => Value,
): FunctionSpec =>
  converter(name, [parameter], (args: Arguments) =>
    args.converted(parameter, (value) => (value === undefined ? undefined : convert(value))),
  )

export function toDouble(value: Exclude<Value, undefined>): Value {
  switch (value.kind) {
    case 'double':
      return value
    case 'int':
      return double(Number(value.value))
    case 'bool':
      return double(value.value ? 1 : 0)
    case 'string':
      return double(numberOf(value.value))
    case 'empty':
      return undefined
    default:
      throw unsupported('Double', value)
  }
}

function numberOf(value: string): number {
  const number = parseGoFloat(value)
  if (number !== undefined) return number
  throw new EvaluationError(`Double: ${JSON.stringify(value)} is no number`)
}

const unsupported = (name: string, value: Value) =>
  new EvaluationError(`${name}: unsupported type: ${typeName(value)}`)

function toInt(value: Exclude<Value, undefined>): Value {
  switch (value.kind) {
    case 'int':
      return value
    case 'double':
      return Number.isFinite(value.value)
        ? int(integer(BigInt(Math.trunc(value.value))))
        : undefined
    case 'bool':
      return int(value.value ? 1 : 0)
    case 'string':
      return wholeOf(value.value)
    case 'empty':
      return undefined
    default:
      throw unsupported('Int', value)
  }
}

function wholeOf(value: string): Value {
  const whole = parseGoInt(value, 10)
  return whole === undefined ? undefined : int(whole)
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((one) => [one, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((one) => [one, false] as const),
])

function toBool(value: Exclude<Value, undefined>): Value {
  if (value.kind === 'bool') return value
  if (value.kind === 'int' || value.kind === 'double') return bool(Number(value.value) !== 0)
  const truth = value.kind === 'string' ? TRUTHS.get(value.value) : undefined
  if (truth !== undefined) return bool(truth)
  throw new EvaluationError(`Bool: cannot convert ${typeName(value)} ${textOf(value)}`)
}

const asText = (value: Exclude<Value, undefined>): Value => text(textOf(value))

const isEmpty = converter('IsEmpty', ['target'], (args) => {
  const target = args.value('target')
  return (frame) => bool(isNothing(target(frame)))
})

/** Nothing, zero, or a container with nothing in it. */
function isNothing(value: Value): boolean {
  if (value === undefined) return true
  switch (value.kind) {
    case 'empty':
      return true
    case 'time':
      return false
    case 'data':
      return isId(value.type) ? /^0*$/.test(String(value.value)) : isBlank(value.value)
    case 'string':
    case 'bytes':
    case 'array':
    case 'kvlist':
      return value.value.length === 0
    default:
      return Number(value.value) === 0
  }
}

const isBlank = (value: unknown): boolean => Array.isArray(value) && value.length === 0

export const types = [
  isKind('IsBool', 'target', ['bool']),
  isKind('IsDouble', 'target', ['double']),
  isKind('IsInt', 'target', ['int']),
  isKind('IsMap', 'target', ['kvlist']),
  isKind('IsString', 'target', ['string']),
  isList,
  isEmpty,
  isMatch,
  mapping('Bool', 'target', toBool),
  mapping('Double', 'target', toDouble),
  mapping('Int', 'target', toInt),
  mapping('String', 'target', asText),
]
