import type { LifecycleStatus } from '../component.ts'

export type StatusKind = LifecycleStatus['kind']

/** A status and when it came, in milliseconds since 1970. */
export interface StatusEvent {
  readonly kind: StatusKind
  readonly error?: string
  readonly at: number
}

/** The status of something made of others, as a pipeline of components. */
export interface AggregateStatus extends StatusEvent {
  readonly parts: ReadonlyMap<string, AggregateStatus>
}

/** Which errors say more: `permanent` ones unless only recoverable ones count as ill health. */
export type ErrorPriority = 'permanent' | 'recoverable'

const ERRORS: Readonly<Record<ErrorPriority, readonly StatusKind[]>> = {
  permanent: ['permanent_error', 'recoverable_error'],
  recoverable: ['recoverable_error', 'permanent_error'],
}

const isError = (kind: StatusKind): boolean => kind.endsWith('_error')

/**
 * What all parts together come to. Beginning and ending go before errors, and a fatal error before all; an error has the time of
 * its first part, since that is when things went wrong, anything else that of its last.
 */
export function aggregate(
  parts: ReadonlyMap<string, AggregateStatus>,
  priority: ErrorPriority,
): AggregateStatus {
  const all = [...parts.values()]
  const kind = kindOf(new Set(all.map((part) => part.kind)), priority)
  const times = all.map(({ at }) => at)
  if (!isError(kind)) return { kind, at: Math.max(0, ...times), parts }
  const [first] = all.filter((part) => part.kind === kind).sort((a, b) => a.at - b.at)
  return { ...first, kind, at: first?.at ?? 0, parts }
}

function kindOf(seen: ReadonlySet<StatusKind>, priority: ErrorPriority): StatusKind {
  const [only] = seen
  if (only === undefined) return 'starting' // nothing has begun yet
  if (seen.size === 1) return only
  if (seen.has('fatal_error')) return 'fatal_error'
  if (seen.has('starting')) return 'starting'
  if (seen.has('stopping') || seen.has('stopped')) return 'stopping'
  return ERRORS[priority].find((kind) => seen.has(kind)) ?? 'ok'
}
