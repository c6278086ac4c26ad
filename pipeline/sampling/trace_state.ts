import { parseRandomness, parseThreshold } from './threshold.ts'

/**
 * A W3C tracestate, its member `ot` taken apart. Members of others stay as they came, and their order.
 * Source: https://www.w3.org/TR/trace-context/#tracestate-header,
 * https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/
 */
export interface TraceState {
  /** As it came; '' if it has none. */
  readonly rv: string
  /** As it came; '' if it has none. */
  readonly th: string
  /** What else is in `ot`, as `key:value`. */
  readonly more: readonly string[]
  /** Members of others, as `key=value`. */
  readonly others: readonly string[]
}

const MAX_LENGTH = 1024
const MAX_MEMBERS = 32
const MAX_OT_LENGTH = 256

const MEMBER =
  /^(?:[a-z][\da-z_\-*/]{0,255}|[\da-z][\da-z_\-*/]{0,240}@[a-z][\da-z_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/
const OT_MEMBER = /^[a-z][\da-z]*:[\w.-]*$/

const NO_TRACE_STATE: TraceState = { rv: '', th: '', more: [], others: [] }

/** As `key=value`. Undefined if it is not well-formed: nobody should read a part of it then. */
function membersOf(text: string): readonly string[] | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '')
  const isWellFormed = members.length <= MAX_MEMBERS && members.every((one) => MEMBER.test(one))
  return isWellFormed ? members : undefined
}

/** The value of a member; undefined if there is none, or the whole is not well-formed. */
export function memberOf(text: string, key: string): string | undefined {
  if (!text.includes(key)) return undefined
  const member = membersOf(text)?.find((one) => one.startsWith(`${key}=`))
  return member?.slice(key.length + 1)
}

/** Undefined if it is not well-formed. */
export function parseTraceState(text: string): TraceState | undefined {
  if (text === '') return NO_TRACE_STATE
  const members = membersOf(text)
  if (members === undefined) return undefined
  const ot = members.find((member) => member.startsWith('ot='))
  const others = members.filter((member) => !member.startsWith('ot='))
  return ot === undefined ? { ...NO_TRACE_STATE, others } : parseOt(ot.slice(3), others)
}

function parseOt(value: string, others: readonly string[]): TraceState | undefined {
  const members = value.split(';')
  if (value.length > MAX_OT_LENGTH || !members.every((one) => OT_MEMBER.test(one))) return undefined
  const textOf = (key: string) =>
    members.find((one) => one.startsWith(`${key}:`))?.slice(key.length + 1)
  const rv = textOf('rv')
  const th = textOf('th')
  if (rv !== undefined && parseRandomness(rv) === undefined) return undefined
  if (th !== undefined && parseThreshold(th) === undefined) return undefined
  const more = members.filter((one) => !/^(rv|th):/.test(one))
  return { rv: rv ?? '', th: th ?? '', more, others }
}

/** The `ot` member first, as whoever changed a member has to put it. */
export function writeTraceState({ rv, th, more, others }: TraceState): string {
  const ot = [...(rv === '' ? [] : [`rv:${rv}`]), ...(th === '' ? [] : [`th:${th}`]), ...more]
  return [...(ot.length === 0 ? [] : [`ot=${ot.join(';')}`]), ...others].join(',')
}
