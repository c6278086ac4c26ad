import { membersOf } from '../ottl/paths/trace_state.ts'
import { parseThreshold, probabilityOf } from '../sampling/threshold.ts'

/**
 * How many spans one stands for, by the rejection threshold in its tracestate; 1 without one.
 * Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function adjustedCount(traceState: string): number {
  const threshold = thresholdOf(traceState)
  return threshold === undefined ? 1 : 1 / probabilityOf(threshold)
}

/** Whether a span says that it was sampled, and how. */
export const hasThreshold = (traceState: string): boolean => thresholdOf(traceState) !== undefined

function thresholdOf(traceState: string): ReturnType<typeof parseThreshold> {
  if (!traceState.includes('ot=')) return undefined
  const ot = membersOf(traceState).find(({ key }) => key === 'ot')?.value
  const [, digits = ''] =
    /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/.exec(ot?.kind === 'string' ? ot.value : '') ?? []
  return parseThreshold(digits)
}
