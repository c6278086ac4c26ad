import { type AnyValue, type Attribute, string } from '../../data/attributes.ts'
import { kvlist, text } from '../value.ts'
import { type Field, MAP, TEXT } from './field.ts'

/** The members of a W3C tracestate. Source: https://www.w3.org/TR/trace-context/#tracestate-header */
export function membersOf(traceState: string): readonly Attribute[] {
  return traceState.split(',').flatMap((member) => {
    const at = member.indexOf('=')
    return at < 1 ? [] : [string(member.slice(0, at).trim(), member.slice(at + 1).trim())]
  })
}

const textOf = (value: AnyValue): string => (value.kind === 'string' ? value.value : '')

/** The text of it, or by a key one member: a member that is set comes first. */
export const traceStateField: Field = {
  get: ({ span }) => text(span.traceState),
  set(frame, value) {
    frame.span = { ...frame.span, traceState: TEXT.take(value) }
  },
  keyed: {
    get: ({ span }) => kvlist(membersOf(span.traceState)),
    set(frame, value) {
      const before = new Map(membersOf(frame.span.traceState).map((one) => [one.key, one.value]))
      const members = MAP.take(value).map((one) => ({
        text: `${one.key}=${textOf(one.value)}`,
        stays: before.get(one.key) === one.value,
      }))
      const changed = members.filter((one) => !one.stays)
      const rest = members.filter((one) => one.stays)
      const traceState = [...changed, ...rest].map((one) => one.text).join(',')
      frame.span = { ...frame.span, traceState }
    },
  },
}
