import type { AnyValue, Attributes } from '../data/attributes.ts'
import type { Integer } from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'

/** Parts of telemetry that no attribute can hold: they are compared and set as a whole. */
export interface DataValue {
  readonly kind: 'data'
  /** `TraceID`, `SpanID`, `events` ... */
  readonly type: string
  readonly value: unknown
}

/** What an expression gives; `undefined` is nil. A duration is in nanoseconds. Immutable. */
export type Value =
  | AnyValue
  | { readonly kind: 'time'; readonly value: UnixTime }
  | { readonly kind: 'duration'; readonly value: Integer }
  | DataValue
  | undefined

export const NS = 1_000_000_000

export const TRUE = { kind: 'bool', value: true } as const
export const FALSE = { kind: 'bool', value: false } as const

export const text = (value: string): AnyValue => ({ kind: 'string', value })
export const bool = (value: boolean): AnyValue => (value ? TRUE : FALSE)
export const double = (value: number): AnyValue => ({ kind: 'double', value })
export const bytes = (value: Uint8Array): AnyValue => ({ kind: 'bytes', value })
export const array = (value: readonly AnyValue[]): AnyValue => ({ kind: 'array', value })
export const kvlist = (value: Attributes): AnyValue => ({ kind: 'kvlist', value })
export const int = (value: Integer): AnyValue => ({ kind: 'int', value })
export const time = (value: UnixTime): Value => ({ kind: 'time', value })
export const duration = (value: Integer): Value => ({ kind: 'duration', value })
export const data = (type: string, value: unknown): DataValue => ({ kind: 'data', type, value })

/** A 64-bit integer out of any: wraps as Go's does, and is a number as long as that is exact. */
export function integer(value: bigint): Integer {
  const wrapped = BigInt.asIntN(64, value)
  const number = Number(wrapped)
  return Number.isSafeInteger(number) ? number : wrapped
}

export const fromNanoseconds = (value: Integer): UnixTime => {
  const all = BigInt(value)
  let [seconds, rest] = [all / 1_000_000_000n, all % 1_000_000_000n]
  if (rest < 0n) [seconds, rest] = [seconds - 1n, rest + 1_000_000_000n]
  return [Number(seconds), Number(rest)]
}

export const toNanoseconds = ([seconds, nanoseconds]: UnixTime): Integer =>
  integer(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))

/** What JSON and YAML have, as attributes have it: whole numbers are ints if `ints`. */
export function fromPlain(value: unknown, ints = false): AnyValue {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'boolean') return bool(value)
  if (typeof value === 'number') {
    return ints && Number.isSafeInteger(value) ? int(value) : double(value)
  }
  if (Array.isArray(value)) return array(value.map((one) => fromPlain(one, ints)))
  if (typeof value !== 'object' || value === null) return { kind: 'empty' }
  const entries = Object.entries(value)
  return kvlist(entries.map(([key, one]) => ({ key, value: fromPlain(one, ints) })))
}

/** How messages call the type of a value, as Go has it. */
export function typeName(value: Value): string {
  if (value === undefined) return 'nil'
  switch (value.kind) {
    case 'empty':
      return 'nil'
    case 'int':
      return 'int64'
    case 'double':
      return 'float64'
    case 'bytes':
      return '[]byte'
    case 'array':
      return 'slice'
    case 'kvlist':
      return 'map'
    case 'data':
      return value.type
    default:
      return value.kind
  }
}

/** Types of data whose value is an id in hex. */
export const isId = (type: string): boolean =>
  type === 'TraceID' || type === 'SpanID' || type === 'ProfileID'

/** What may become an attribute; of the rest nothing may. */
export function toAttribute(value: Value): AnyValue | undefined {
  switch (value?.kind) {
    case undefined:
      return undefined
    case 'time':
      return int(toNanoseconds(value.value))
    case 'duration':
      return int(value.value)
    case 'data':
      return dataAttribute(value)
    default:
      return value as AnyValue
  }
}

function dataAttribute({ type, value }: DataValue): AnyValue | undefined {
  if (isId(type)) return bytes(Buffer.from(value as string, 'hex'))
  if (!Array.isArray(value)) return undefined
  const numbers: unknown[] = value
  if (type === 'counts') return array(numbers.map((one) => int(one as Integer)))
  if (type === 'bounds') return array(numbers.map((one) => double(one as number)))
  return undefined
}
