import { type Metric, type NumberValue, Temporality } from '../../pipeline/data/metrics.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { addIntegers, isBefore, joined, mergeHistogram } from '../../pipeline/metrics/aggregate.ts'
import { mergeExponential } from '../../pipeline/metrics/exponential.ts'
import type { Fault, Value } from '../../pipeline/prometheus/value.ts'

/** Why a point is not shown: what follows `dropped_` in the counter's name. */
export type Reason =
  | Fault
  | 'delta_not_monotonic'
  | 'duplicate_series'
  | 'no_temporality'
  | 'out_of_order'
  | 'series_limit'
  | 'type_conflict'

/** Why nothing of such a metric can be shown. */
export function refusalOf({ data }: Metric): Reason | undefined {
  if (data.kind === 'empty') return 'no_data'
  if (!('temporality' in data)) return undefined
  if (data.temporality === Temporality.unspecified) return 'no_temporality'
  const isDelta = data.temporality === Temporality.delta
  return isDelta && data.kind === 'sum' && !data.monotonic ? 'delta_not_monotonic' : undefined
}

/**
 * What a series shows after `next`, as the Collector decides: a delta goes on from the point before if it starts where that ended,
 * and starts anew if it does not. Of two points the older one is dropped.
 */
export function accumulated(before: Value, next: Value, isDelta: boolean): Value | Reason {
  if (isBefore(next.point.time, before.point.time)) return 'out_of_order'
  if (!isDelta) return next
  if (next.kind === 'histogram' || next.kind === 'exponential_histogram') {
    if (isBefore(next.point.start, before.point.time)) return 'out_of_order'
  }
  return isSame(next.point.start, before.point.time) ? sum(before, next) : next
}

const isSame = (a: UnixTime, b: UnixTime): boolean => a[0] === b[0] && a[1] === b[1]

function sum(before: Value, next: Value): Value {
  const { start } = before.point
  if (before.kind === 'sum' && next.kind === 'sum') {
    const value = add(before.point.value, next.point.value)
    return { kind: 'sum', point: { ...next.point, start, value } }
  }
  if (before.kind === 'histogram' && next.kind === 'histogram') {
    const { exemplars } = next.point
    const point = { ...mergeHistogram(before.point, next.point), exemplars }
    return { kind: 'histogram', point }
  }
  if (before.kind === 'exponential_histogram' && next.kind === 'exponential_histogram') {
    const [a, b] = [before.point, next.point]
    const point = { ...mergeExponential(a, b), ...joined(a, b), exemplars: b.exemplars }
    return { kind: 'exponential_histogram', point }
  }
  return next
}

function add(a: NumberValue, b: NumberValue): NumberValue {
  if (a.kind === 'none' || b.kind === 'none') return b
  if (a.kind === 'int' && b.kind === 'int') {
    return { kind: 'int', value: addIntegers(a.value, b.value) }
  }
  return { kind: 'double', value: Number(a.value) + Number(b.value) }
}
