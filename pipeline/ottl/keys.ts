import type { AnyValue, Attributes } from '../data/attributes.ts'
import { EvaluationError } from './error.ts'
import { isId, toAttribute, typeName, type Value } from './value.ts'

const EMPTY: AnyValue = { kind: 'empty' }

/** The value at a key of a map, or at an index of a list; nil if there is none. */
export function valueAt(container: Value, key: Value): Value {
  if (container === undefined || container.kind === 'empty') return undefined
  if (container.kind === 'kvlist' && key?.kind === 'string')
    return inMap(container.value, key.value)
  if (key?.kind === 'int' && container.kind === 'array') {
    return nonEmpty(container.value[checkedIndex(container.value, Number(key.value))])
  }
  if (key?.kind === 'int' && container.kind === 'data' && Array.isArray(container.value)) {
    checkedIndex(container.value, Number(key.value))
  }
  throw new EvaluationError(`a ${typeName(container)} has no key of type ${typeName(key)}`)
}

/** The first value of `key`; an empty one is nil. */
export function inMap(attributes: Attributes, key: string): Value {
  for (let i = 0; i < attributes.length; i++) {
    const one = attributes[i]
    if (one?.key === key) return nonEmpty(one.value)
  }
  return undefined
}

const nonEmpty = (value: AnyValue | undefined): Value =>
  value?.kind === 'empty' ? undefined : value

function checkedIndex(list: readonly unknown[], index: number): number {
  if (index >= 0 && index < list.length) return index
  throw new EvaluationError(`index ${index} is out of bounds of a list of ${list.length}`)
}

/** Another map with `value` at `key`, in the place of the one that was there. */
export function withKey(attributes: Attributes, key: string, value: AnyValue): Attributes {
  const copy = attributes.slice()
  for (let i = 0; i < copy.length; i++) {
    if (copy[i]?.key !== key) continue
    copy[i] = { key, value }
    return copy
  }
  copy.push({ key, value })
  return copy
}

/** The container with another value at the end of the keys; maps on the way are made if they are missing. */
export function withValueAt(
  container: Value,
  keys: readonly Value[],
  value: Value,
  depth = 0,
): AnyValue {
  const key = keys[depth]
  if (key === undefined) return settable(value)
  const rest = (inner: Value) => withValueAt(inner, keys, value, depth + 1)
  if (key.kind === 'string') {
    const map = container?.kind === 'kvlist' ? container.value : []
    if (container !== undefined && container.kind !== 'kvlist' && container.kind !== 'empty') {
      throw new EvaluationError(`a ${typeName(container)} has no key of type string`)
    }
    const inner = rest(inMap(map, key.value))
    return { kind: 'kvlist', value: withKey(map, key.value, inner) }
  }
  if (key.kind !== 'int' || container?.kind !== 'array') {
    throw new EvaluationError(`a ${typeName(container)} has no key of type ${typeName(key)}`)
  }
  const index = checkedIndex(container.value, Number(key.value))
  return { kind: 'array', value: container.value.with(index, rest(container.value[index])) }
}

/** What an attribute can be set to: times, durations and ids must be made a text or a number first. */
export function settable(value: Value): AnyValue {
  const isWhole = value?.kind === 'time' || value?.kind === 'duration'
  if (!isWhole && !(value?.kind === 'data' && isId(value.type))) return attributeOf(value)
  throw new EvaluationError(`a ${typeName(value)} can be no attribute`)
}

/** What an attribute can hold. Throws `EvaluationError` for the rest. */
export function attributeOf(value: Value): AnyValue {
  if (value === undefined) return EMPTY
  const attribute = toAttribute(value)
  if (attribute !== undefined) return attribute
  throw new EvaluationError(`a ${typeName(value)} can be no attribute`)
}
