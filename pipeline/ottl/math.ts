import type { MathNode } from './ast.ts'
import { EvaluationError } from './error.ts'
import {
  double,
  duration,
  fromNanoseconds,
  int,
  integer,
  time,
  toNanoseconds,
  typeName,
  type Value,
} from './value.ts'

type Op = MathNode['op']

/** Of ints, doubles, times and durations, as Go computes them. */
export function calculate(op: Op, a: Value, b: Value): Value {
  if (a?.kind === 'int' && b?.kind === 'int') return ofInts(op, a.value, b.value)
  if (isNumber(a) && isNumber(b)) return double(ofDoubles(op, Number(a.value), Number(b.value)))
  return ofTimes(op, a, b)
}

const isNumber = (value: Value): value is Extract<Value, { kind: 'int' | 'double' }> =>
  value?.kind === 'int' || value?.kind === 'double'

function ofInts(op: Op, a: number | bigint, b: number | bigint): Value {
  if (op === '/' && Number(b) === 0) throw new EvaluationError('attempted to divide by 0')
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = Math.trunc(ofDoubles(op, a, b))
    if (Number.isSafeInteger(quick)) return int(quick)
  }
  const [x, y] = [BigInt(a), BigInt(b)]
  switch (op) {
    case '+':
      return int(integer(x + y))
    case '-':
      return int(integer(x - y))
    case '*':
      return int(integer(x * y))
    case '/':
      return int(integer(x / y))
  }
}

function ofDoubles(op: Op, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      if (b === 0) throw new EvaluationError('attempted to divide by 0')
      return a / b
  }
}

/** Nanoseconds of the two, added or subtracted. */
const joined = (op: Op, a: number | bigint, b: number | bigint) =>
  integer(op === '+' ? BigInt(a) + BigInt(b) : BigInt(a) - BigInt(b))

function ofTimes(op: Op, a: Value, b: Value): Value {
  if (op === '+' || op === '-') {
    if (a?.kind === 'duration' && b?.kind === 'duration')
      return duration(joined(op, a.value, b.value))
    if (a?.kind === 'time' && b?.kind === 'duration') {
      return time(fromNanoseconds(joined(op, toNanoseconds(a.value), b.value)))
    }
    if (a?.kind === 'duration' && b?.kind === 'time' && op === '+') {
      return time(fromNanoseconds(joined(op, a.value, toNanoseconds(b.value))))
    }
    if (a?.kind === 'time' && b?.kind === 'time' && op === '-') {
      return duration(joined(op, toNanoseconds(a.value), toNanoseconds(b.value)))
    }
  }
  throw new EvaluationError(`cannot calculate ${typeName(a)} ${op} ${typeName(b)}`)
}
