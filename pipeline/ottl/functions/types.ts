import { valueText } from '../../data/value_text.ts'
import { remembering } from '../../regexp.ts'
import { type Arguments, textOf } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { Frame } from '../frame.ts'
import { converter, type FunctionSpec } from '../function.ts'
import { bool, double, int, integer, text, toAttribute, typeName, type Value } from '../value.ts'
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

/** A converter of one argument; nil becomes nil. */
export const mapping = (
  name: string,
  parameter: string,
  convert: (value: Exclude<Value, undefined>) => Value,
): FunctionSpec =>
  converter(name, [parameter], (args: Arguments) => {
    const target = args.value(parameter)
    return (frame) => {
      const value = target(frame)
      return value === undefined ? undefined : convert(value)
    }
  })

const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function toDouble(value: Exclude<Value, undefined>): Value {
  switch (value.kind) {
    case 'double':
      return value
    case 'int':
      return double(Number(value.value))
    case 'bool':
      return double(value.value ? 1 : 0)
    case 'string':
      return FLOAT.test(value.value) ? double(Number(value.value)) : undefined
    default:
      return undefined
  }
}

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
    case 'duration':
      return int(value.value)
    case 'string':
      return /^[+-]?\d+$/.test(value.value)
        ? int(integer(BigInt(value.value.replace(/^\+/, ''))))
        : undefined
    default:
      return undefined
  }
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

const asText = (value: Exclude<Value, undefined>): Value => {
  const attribute = value.kind === 'data' ? undefined : toAttribute(value)
  return text(attribute === undefined ? textOf(value) : valueText(attribute))
}

export const types = [
  isKind('IsBool', 'value', ['bool']),
  isKind('IsDouble', 'value', ['double']),
  isKind('IsInt', 'value', ['int']),
  isKind('IsMap', 'target', ['kvlist']),
  isKind('IsString', 'target', ['string']),
  isList,
  isMatch,
  mapping('Bool', 'value', toBool),
  mapping('Double', 'value', toDouble),
  mapping('Int', 'value', toInt),
  mapping('String', 'value', asText),
]
