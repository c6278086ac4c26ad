import { membersOf } from '../ottl/paths/trace_state.ts'

const ALL = 2 ** 56

/**
 * How many spans one stands for, by the rejection threshold in its tracestate; 1 without one.
 * Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function adjustedCount(traceState: string): number {
  if (!traceState.includes('ot=')) return 1
  const ot = membersOf(traceState).find(({ key }) => key === 'ot')?.value
  const [, digits] =
    /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/.exec(ot?.kind === 'string' ? ot.value : '') ?? []
  if (digits === undefined) return 1
  const threshold = Number.parseInt(digits.padEnd(14, '0'), 16)
  return ALL / (ALL - threshold)
}
