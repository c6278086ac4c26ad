import type { ExponentialHistogramPoint, HistogramPoint, NumberPoint } from '../data/metrics.ts'
import { addIntegers, joined, mergeHistogram, sameBounds } from './aggregate.ts'
import { mergeExponential } from './exponential.ts'

/** The total of what was counted before and a new point. */
export type Add<P> = (total: P, point: P) => P

/** Sum and new point; of all else what the new point has. */
export function addNumbers(total: NumberPoint, point: NumberPoint): NumberPoint {
  const [a, b] = [total.value, point.value]
  const { start } = total
  if (b.kind === 'none' || a.kind === 'none') return { ...point, start, value: a }
  if (a.kind === 'int' && b.kind === 'int') {
    return { ...point, start, value: { kind: 'int', value: addIntegers(a.value, b.value) } }
  }
  return { ...point, start, value: { kind: 'double', value: Number(a.value) + Number(b.value) } }
}

/** With other bounds a total begins anew, as in the Collector. */
export const addHistograms: Add<HistogramPoint> = (total, point) =>
  sameBounds(total, point)
    ? { ...mergeHistogram(total, point), flags: point.flags, exemplars: point.exemplars }
    : point

export const addExponentials: Add<ExponentialHistogramPoint> = (total, point) => ({
  ...mergeExponential(total, point),
  ...joined(total, point),
  flags: point.flags,
  exemplars: point.exemplars,
})
