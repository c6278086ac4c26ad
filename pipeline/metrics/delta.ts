import type {
  Buckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
  NumberPoint,
  NumberValue,
} from '../data/metrics.ts'
import { sameBounds } from './aggregate.ts'
import { coarser } from './exponential.ts'

const minus = (a: Integer, b: Integer): Integer => {
  const difference = Number(a) - Number(b)
  return Number.isSafeInteger(difference) ? difference : BigInt(a) - BigInt(b)
}

/** What came since the point before; undefined if the counter began anew. */
export function numberDelta(now: NumberPoint, before: NumberPoint): NumberPoint | undefined {
  const value = valueDelta(now.value, before.value)
  return value && { ...now, start: before.time, value }
}

function valueDelta(now: NumberValue, before: NumberValue): NumberValue | undefined {
  if (now.kind === 'none' || before.kind === 'none') return undefined
  if (now.kind === 'int' && before.kind === 'int') {
    return now.value < before.value
      ? undefined
      : { kind: 'int', value: minus(now.value, before.value) }
  }
  const difference = Number(now.value) - Number(before.value)
  return difference < 0 ? undefined : { kind: 'double', value: difference }
}

const sumDelta = (now: number | undefined, before: number | undefined): number | undefined =>
  now === undefined || before === undefined ? now : now - before

/** The least and largest value of a part of the time are not known. */
const unknown = { min: undefined, max: undefined } as const

export function histogramDelta(
  now: HistogramPoint,
  before: HistogramPoint,
): HistogramPoint | undefined {
  if (now.count < before.count || !sameBounds(now, before)) return undefined
  if (now.bucketCounts.some((count, i) => count < (before.bucketCounts[i] ?? 0))) return undefined
  return {
    ...now,
    ...unknown,
    start: before.time,
    count: minus(now.count, before.count),
    sum: sumDelta(now.sum, before.sum),
    bucketCounts: now.bucketCounts.map((count, i) => minus(count, before.bucketCounts[i] ?? 0)),
  }
}

/** A scale that falls, as it does while values spread, is no new beginning; one that rises is. */
export function exponentialDelta(
  now: ExponentialHistogramPoint,
  before: ExponentialHistogramPoint,
): ExponentialHistogramPoint | undefined {
  const isNew =
    now.count < before.count ||
    now.zeroCount < before.zeroCount ||
    now.zeroThreshold !== before.zeroThreshold ||
    now.scale > before.scale
  if (isNew) return undefined
  const steps = before.scale - now.scale
  const [positive, negative] = [
    bucketsDelta(now.positive, before.positive, steps),
    bucketsDelta(now.negative, before.negative, steps),
  ]
  if (hasNegative(positive) || hasNegative(negative)) return undefined
  return {
    ...now,
    ...unknown,
    start: before.time,
    count: minus(now.count, before.count),
    sum: sumDelta(now.sum, before.sum),
    zeroCount: minus(now.zeroCount, before.zeroCount),
    positive,
    negative,
  }
}

const hasNegative = (buckets: Buckets | undefined): boolean =>
  buckets?.bucketCounts.some((count) => count < 0) === true

/** `steps` is by how much the scale has fallen. */
function bucketsDelta(
  now: Buckets | undefined,
  before: Buckets | undefined,
  steps: number,
): Buckets | undefined {
  if (now === undefined || before === undefined) return now
  const { offset, bucketCounts } = coarser(before, steps)
  const counts = now.bucketCounts.map((count, i) =>
    minus(count, bucketCounts[now.offset + i - offset] ?? 0),
  )
  return { offset: now.offset, bucketCounts: counts }
}
