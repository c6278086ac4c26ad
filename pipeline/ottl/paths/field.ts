import type { AnyValue } from '../../data/attributes.ts'
import type { Integer } from '../../data/metrics.ts'
import type { UnixTime } from '../../data/time.ts'
import { valueText } from '../../data/value_text.ts'
import { EvaluationError } from '../error.ts'
import type { Frame, Get, Put } from '../frame.ts'
import { attributeOf } from '../keys.ts'
import * as value from '../value.ts'

/** One field of a context. Without `set` it can only be read. */
export interface Field {
  readonly get: Get
  readonly set?: Put
  /** What keys look into, if not into the field itself. */
  readonly keyed?: Field
  /** Fields of it, as `status.code`. */
  readonly fields?: Fields
}

export type Fields = Readonly<Record<string, Field>>

type Part = 'resource' | 'scope' | 'span' | 'event' | 'metric' | 'point' | 'log' | 'exemplar'

/** How a member is seen by statements, and what they may set it to. */
export interface Form<T> {
  readonly show: (member: T) => value.Value
  readonly take: (value: value.Value) => T
}

const expected = (type: string, found: value.Value): never => {
  throw new EvaluationError(`expected ${type} but got ${value.typeName(found)}`)
}

export const TEXT: Form<string> = {
  show: value.text,
  take: (found) => (found?.kind === 'string' ? found.value : expected('string', found)),
}

export const INT: Form<Integer> = {
  show: value.int,
  take: (found) => (found?.kind === 'int' ? found.value : expected('int64', found)),
}

/** An integer that always fits into a number. */
export const SMALL: Form<number> = {
  show: value.int,
  take: (found) => Number(INT.take(found)),
}

export const DOUBLE: Form<number> = {
  show: value.double,
  take: (found) => (found?.kind === 'double' ? found.value : expected('float64', found)),
}

export const BOOL: Form<boolean> = {
  show: value.bool,
  take: (found) => (found?.kind === 'bool' ? found.value : expected('bool', found)),
}

export const MAP: Form<Extract<AnyValue, { kind: 'kvlist' }>['value']> = {
  show: value.kvlist,
  take: (found) => (found?.kind === 'kvlist' ? found.value : expected('map', found)),
}

export const ANY: Form<AnyValue> = {
  show: (member) => (member.kind === 'empty' ? undefined : member),
  take: attributeOf,
}

const TIME: Form<UnixTime> = {
  show: value.time,
  take: (found) => (found?.kind === 'time' ? found.value : expected('time.Time', found)),
}

const NANOSECONDS: Form<UnixTime> = {
  show: (member) => value.int(value.toNanoseconds(member)),
  take: (found) => value.fromNanoseconds(INT.take(found)),
}

/** Parts that are set as a whole, from one like them. */
export const whole = <T>(type: string): Form<T> => ({
  show: (member) => value.data(type, member),
  take: (found) =>
    found?.kind === 'data' && found.type === type ? (found.value as T) : expected(type, found),
})

const isId = (text: string, digits: number) => text.length === digits && /^[0-9a-f]*$/.test(text)

const idText = (digits: number): Form<string> => ({
  show: value.text,
  take(found) {
    const text = TEXT.take(found)
    if (isId(text, digits)) return text
    throw new EvaluationError(`an id has ${digits} hex digits, got ${JSON.stringify(text)}`)
  },
})

const all = (part: object) => part as Record<string, never>

/** A member of a part of the frame. */
export function member<T>(part: Part, key: string, form: Form<T>): Field {
  return {
    get: (frame) => form.show(all(frame[part])[key] as T),
    set(frame, found) {
      // A computed key within the literal would cost five times the copy.
      const changed: Record<string, unknown> = { ...all(frame[part]) }
      changed[key] = form.take(found)
      ;(frame as unknown as Record<Part, object>)[part] = changed
    },
  }
}

/** `time` and `time_unix_nano` of one member. */
export const times = (part: Part, key: string, name: string): Fields => ({
  [name]: member(part, key, TIME),
  [`${name}_unix_nano`]: member(part, key, NANOSECONDS),
})

/** An id and its `.string`. */
export const id = (part: Part, key: string, type: 'TraceID' | 'SpanID'): Field => ({
  ...member(part, key, whole<string>(type)),
  fields: { string: member(part, key, idText(type === 'TraceID' ? 32 : 16)) },
})

/** A member that is one of the frame's own. */
export const own = <K extends keyof Frame>(key: K, form: Form<Frame[K]>): Field => ({
  get: (frame) => form.show(frame[key]),
  set(frame, found) {
    frame[key] = form.take(found)
  },
})

/** Any value as text. */
export const asText = (get: (frame: Frame) => AnyValue): Get => {
  return (frame) => value.text(valueText(get(frame)))
}
