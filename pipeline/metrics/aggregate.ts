import type { Attributes } from '../data/attributes.ts'
import type {
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
  MetricData,
  NumberPoint,
  NumberValue,
} from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import { mergeExponential } from './exponential.ts'
import { attributesKey } from './identity.ts'

export const AGGREGATIONS = ['sum', 'mean', 'min', 'max', 'count', 'median'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

export const isBefore = (a: UnixTime, b: UnixTime): boolean =>
  a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])

export const addIntegers = (a: Integer, b: Integer): Integer => {
  const sum = Number(a) + Number(b)
  return Number.isSafeInteger(sum) ? sum : BigInt(a) + BigInt(b)
}

/** Points of the same attributes and time become one. Metrics that cannot be aggregated stay. */
export function aggregatePoints(data: MetricData, aggregation: Aggregation): MetricData {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return {
        ...data,
        points: grouped(data.points, (group) => aggregateNumbers(group, aggregation)),
      }
    case 'histogram':
      return { ...data, points: grouped(data.points, mergeHistograms) }
    case 'exponential_histogram':
      return { ...data, points: grouped(data.points, mergeExponentials) }
    default:
      return data
  }
}

interface Grouped {
  readonly attributes: Attributes
  readonly time: UnixTime
}

function grouped<P extends Grouped>(
  points: readonly P[],
  merge: (group: readonly [P, ...P[]]) => P,
): readonly P[] {
  const groups = new Map<string, [P, ...P[]]>()
  for (const point of points) {
    const key = `${point.time.join('.')} ${attributesKey(point.attributes)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [point])
    else group.push(point)
  }
  return [...groups.values()].map(merge)
}

const earliest = (group: readonly { readonly start: UnixTime }[]): UnixTime =>
  group.map((one) => one.start).reduce((a, b) => (isBefore(b, a) ? b : a))

function aggregateNumbers(
  group: readonly [NumberPoint, ...NumberPoint[]],
  aggregation: Aggregation,
): NumberPoint {
  if (group.length === 1 && aggregation !== 'count') return group[0]
  const values = group.flatMap(({ value }) => (value.kind === 'none' ? [] : [value]))
  return {
    ...group[0],
    start: earliest(group),
    value: combine(values, aggregation),
    exemplars: group.flatMap((one) => one.exemplars),
  }
}

type Numbers = readonly Exclude<NumberValue, { readonly kind: 'none' }>[]

function combine(values: Numbers, aggregation: Aggregation): NumberValue {
  if (aggregation === 'count') return { kind: 'int', value: values.length }
  const [first] = values
  if (first === undefined) return { kind: 'none' }
  const numbers = values.map((one) => Number(one.value))
  if (values.some((one) => one.kind === 'double')) {
    return { kind: 'double', value: computed(numbers, aggregation) }
  }
  if (aggregation === 'sum') {
    return { kind: 'int', value: values.map((one) => one.value).reduce(addIntegers) }
  }
  return { kind: 'int', value: Math.trunc(computed(numbers, aggregation)) }
}

function computed(numbers: readonly number[], aggregation: Aggregation): number {
  const sum = numbers.reduce((a, b) => a + b, 0)
  switch (aggregation) {
    case 'mean':
      return sum / numbers.length
    case 'min':
      return Math.min(...numbers)
    case 'max':
      return Math.max(...numbers)
    case 'median':
      return median(numbers)
    default:
      return sum
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

const optional = (
  a: number | undefined,
  b: number | undefined,
  join: (a: number, b: number) => number,
): number | undefined => (a === undefined || b === undefined ? undefined : join(a, b))

/** Of two populations; one that has no minimum takes it from both. */
export const joined = (
  a: HistogramPoint | ExponentialHistogramPoint,
  b: HistogramPoint | ExponentialHistogramPoint,
) => ({
  start: isBefore(a.start, b.start) ? a.start : b.start,
  time: isBefore(a.time, b.time) ? b.time : a.time,
  count: addIntegers(a.count, b.count),
  sum: optional(a.sum, b.sum, (x, y) => x + y),
  min: optional(a.min, b.min, Math.min),
  max: optional(a.max, b.max, Math.max),
  exemplars: [...a.exemplars, ...b.exemplars],
})

export const sameBounds = (a: HistogramPoint, b: HistogramPoint): boolean =>
  a.bucketCounts.length === b.bucketCounts.length &&
  a.explicitBounds.length === b.explicitBounds.length &&
  a.explicitBounds.every((bound, i) => bound === b.explicitBounds[i])

/** Without buckets where the bounds differ: a wrong one is worse than none. */
export function mergeHistogram(a: HistogramPoint, b: HistogramPoint): HistogramPoint {
  const same = sameBounds(a, b)
  return {
    ...a,
    ...joined(a, b),
    explicitBounds: same ? a.explicitBounds : [],
    bucketCounts: same
      ? a.bucketCounts.map((count, i) => addIntegers(count, b.bucketCounts[i] ?? 0))
      : [addIntegers(a.count, b.count)],
  }
}

const mergeHistograms = (group: readonly HistogramPoint[]) => group.reduce(mergeHistogram)

const mergeExponentials = (group: readonly ExponentialHistogramPoint[]) =>
  group.reduce((a, b) => ({ ...mergeExponential(a, b), ...joined(a, b) }))
