import { isDeepStrictEqual } from 'node:util'
import type { AnyValue } from '../data/attributes.ts'
import { toNanoseconds, type Value } from './value.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** Values of different types are unequal and never less or greater; ints and doubles are compared as numbers. */
export function compare(left: Value, op: Comparison, right: Value): boolean {
  const a = left?.kind === 'empty' ? undefined : left
  const b = right?.kind === 'empty' ? undefined : right
  if (a === undefined || b === undefined) return a === b ? !STRICT.has(op) : op === '!='
  switch (a.kind) {
    case 'string':
      return b.kind === 'string' ? byOrder(a.value, op, b.value) : op === '!='
    case 'bool':
      return b.kind === 'bool' ? byOrder(a.value, op, b.value) : op === '!='
    case 'int':
    case 'double':
      return isNumber(b) ? byOrder(a.value, op, b.value) : op === '!='
    case 'bytes':
      if (b.kind !== 'bytes') return op === '!='
      return byOrder(Buffer.compare(a.value, b.value), op, 0)
    case 'time':
      if (b.kind !== 'time') return op === '!='
      return byOrder(toNanoseconds(a.value), op, toNanoseconds(b.value))
    case 'duration':
      return b.kind === 'duration' ? byOrder(a.value, op, b.value) : op === '!='
    default:
      return byEquality(equal(a, b), op)
  }
}

/** The same type and the same value; maps whatever the order of their keys. */
export function equal(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.kind === 'kvlist' && b.kind === 'kvlist') {
    return isDeepStrictEqual(sorted(a), sorted(b))
  }
  return isDeepStrictEqual(a, b)
}

function sorted(value: AnyValue): AnyValue {
  if (value.kind === 'array') return { kind: 'array', value: value.value.map(sorted) }
  if (value.kind !== 'kvlist') return value
  const entries = value.value.map((one) => ({ key: one.key, value: sorted(one.value) }))
  return { kind: 'kvlist', value: entries.sort((a, b) => (a.key < b.key ? -1 : 1)) }
}

type Numeric = Extract<AnyValue, { readonly kind: 'int' | 'double' }>

const isNumber = (value: Value): value is Numeric =>
  value?.kind === 'int' || value?.kind === 'double'

/** What nil and nil are not. */
const STRICT: ReadonlySet<Comparison> = new Set(['!=', '<', '>'])

const byEquality = (same: boolean, op: Comparison): boolean => {
  if (op === '==') return same
  return op === '!=' && !same
}

type Ordered = string | number | bigint | boolean

/** A bigint and a number that mean the same are the same. */
const same = (a: Ordered, b: Ordered): boolean => a === b || (a <= b && a >= b)

function byOrder(a: Ordered, op: Comparison, b: Ordered): boolean {
  switch (op) {
    case '==':
      return same(a, b)
    case '!=':
      return !same(a, b)
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}
