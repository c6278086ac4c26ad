import type { AnyValue, Attributes } from '../../data/attributes.ts'
import { EvaluationError } from '../error.ts'
import { converter } from '../function.ts'
import { inMap } from '../keys.ts'
import { text, typeName, type Value } from '../value.ts'

/** Classes of HTTP status codes, by which a range can be named. */
const CLASS = /^([1-5])xx$/

/** The first level of a map for which one criterion holds: `{"error": [{"equals": ["err"]}, {"range": {"min": 400, "max": 499}}]}`. */
export const parseSeverity = converter('ParseSeverity', ['target', 'mapping'], (args) => {
  const target = args.value('target')
  const mapping = args.map('mapping')
  return (frame) => {
    const value = target(frame)
    if (value?.kind !== 'string' && value?.kind !== 'int') {
      throw new EvaluationError(
        `ParseSeverity: target must be a string or an int, it is ${typeName(value)}`,
      )
    }
    const level = mapping(frame).find(({ value: criteria }) =>
      criteriaOf(criteria).some((one) => holds(one, value)),
    )
    if (level !== undefined) return text(level.key)
    throw new EvaluationError(`ParseSeverity: no level for "${value.value}"`)
  }
})

function criteriaOf(value: AnyValue): readonly Attributes[] {
  if (value.kind !== 'array') throw fault('of each level must be a list')
  return value.value.map((one) => {
    if (one.kind !== 'kvlist') throw fault('must be maps')
    return one.value
  })
}

const fault = (what: string) => new EvaluationError(`ParseSeverity: criteria ${what}`)

function holds(
  criterion: Attributes,
  { kind, value }: Extract<AnyValue, { kind: 'string' | 'int' }>,
): boolean {
  if (kind === 'string') {
    const equals = inMap(criterion, 'equals')
    if (equals === undefined) return false
    if (equals.kind !== 'array') throw fault('equals must be lists of strings')
    return equals.value.some((one) => one.kind === 'string' && one.value === value)
  }
  const range = inMap(criterion, 'range')
  if (range === undefined) return false
  const [min, max] = limitsOf(range)
  return value >= min && value <= max
}

function limitsOf(
  range: Exclude<Value, undefined>,
): readonly [min: number | bigint, max: number | bigint] {
  if (range.kind === 'string') {
    const hundreds = Number(CLASS.exec(range.value)?.[1])
    if (Number.isNaN(hundreds)) throw fault(`range "${range.value}" is none of 1xx to 5xx`)
    return [hundreds * 100, hundreds * 100 + 99]
  }
  if (range.kind !== 'kvlist') throw fault('range must be a map, or one of 1xx to 5xx')
  return [limitOf(range.value, 'min'), limitOf(range.value, 'max')]
}

function limitOf(range: Attributes, name: 'min' | 'max'): number | bigint {
  const limit = inMap(range, name)
  if (limit?.kind !== 'int') throw fault(`range must have an int as ${name}`)
  return limit.value
}
