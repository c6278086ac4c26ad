import type { Infer } from '../../config/fields.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { memberOf } from '../../pipeline/sampling/trace_state.ts'
import type { sections } from './config.ts'
import { type Policy, stateful, stateless, type TraceView } from './policy.ts'

type Settings<K extends keyof typeof sections> = Infer<(typeof sections)[K]>

export const someSpan = ({ resources }: TraceView, test: (span: Span) => boolean): boolean =>
  resources.some(({ scopeSpans }) => scopeSpans.some(({ spans }) => spans.some(test)))

const CODES = { UNSET: 0, OK: 1, ERROR: 2 } as const

export function statusCode({ status_codes }: Settings<'status_code'>): Policy {
  const codes = new Set<number>(status_codes.map((name) => CODES[name]))
  return stateless((trace) => someSpan(trace, ({ status }) => codes.has(status.code)))
}

const SAMPLED_FLAG = 1

export const traceFlags = (): Policy =>
  stateless((trace) => someSpan(trace, ({ flags }) => (flags & SAMPLED_FLAG) !== 0))

const MAX_MEMBER_LENGTH = 256

export function traceState({ key, values }: Settings<'trace_state'>): Policy {
  const wanted = new Set(
    values.filter((value) => value !== '' && key.length + value.length < MAX_MEMBER_LENGTH),
  )
  return stateless((trace) =>
    someSpan(trace, (span) => wanted.has(memberOf(span.traceState, key) ?? '')),
  )
}

export function spanCount({ min_spans: min, max_spans: max }: Settings<'span_count'>): Policy {
  const policy = max > 0 ? stateful : stateless
  return policy((trace) => trace.spanCount >= min && (max === 0 || trace.spanCount <= max))
}

const NS_PER_S = 1e9
const NS_PER_MS = 1e6

/**
 * As in the Collector each span is looked at as it follows: with an upper bound, spans that come first decide if their time
 * lies between the bounds, however long the rest takes.
 */
export function latency(settings: Settings<'latency'>): Policy {
  const { threshold_ms: threshold, upper_threshold_ms: upper } = settings
  const policy = upper > 0 ? stateful : stateless
  return policy((trace) => {
    let first: Span['start'] | undefined
    let last: Span['end'] | undefined
    return someSpan(trace, ({ start, end }) => {
      if (first === undefined || isZero(first) || nsBetween(start, first) > 0) first = start
      if (last === undefined || isZero(last) || nsBetween(last, end) > 0) last = end
      const ms = Math.trunc(nsBetween(first, last) / NS_PER_MS)
      return ms > threshold && (upper === 0 || ms <= upper)
    })
  })
}

const isZero = ([seconds, ns]: Span['start']): boolean => seconds === 0 && ns === 0

const nsBetween = (from: Span['start'], to: Span['end']): number =>
  (to[0] - from[0]) * NS_PER_S + to[1] - from[1]
