import type {
  Buckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
} from '../../pipeline/data/metrics.ts'
import { addIntegers } from '../../pipeline/metrics/aggregate.ts'
import type { Point } from '../../pipeline/ottl/frame.ts'
import { editor } from '../../pipeline/ottl/function.ts'

const NO_BUCKETS: Buckets = { offset: 0, bucketCounts: [] }

/** Index of the bucket that a value belongs to. */
const bucketOf = (value: number, bounds: readonly number[]): number => {
  const at = bounds.findIndex((bound) => value <= bound)
  return at === -1 ? bounds.length : at
}

type Distribution = 'upper' | 'midpoint' | 'uniform' | 'random'

/** The buckets among which the values of a range are divided. */
function targets(low: number, high: number, bounds: readonly number[], how: Distribution) {
  if (how === 'upper') return [bucketOf(high, bounds)]
  if (how === 'midpoint') return [bucketOf((low + high) / 2, bounds)]
  const within = bounds.flatMap((bound, i) => (bound >= low && bound <= high ? [i] : []))
  return within.length === 0 ? [bucketOf(high, bounds)] : within
}

/** A whole number for each of `n` places, together `count`. */
function shares(count: number, n: number, random: boolean): readonly number[] {
  const base = random ? 0 : Math.floor(count / n)
  const parts = Array.from({ length: n }, () => base)
  for (let left = count - base * n, i = 0; left > 0; left--, i++) {
    const at = random ? Math.floor(Math.random() * n) : i % n
    parts[at] = (parts[at] ?? 0) + 1
  }
  return parts
}

function explicit(
  point: ExponentialHistogramPoint,
  how: Distribution,
  bounds: readonly number[],
): HistogramPoint {
  const counts: Integer[] = Array.from({ length: bounds.length + 1 }, () => 0)
  const put = (at: number, count: Integer) => {
    counts[at] = addIntegers(counts[at] ?? 0, count)
  }
  const base = 2 ** (2 ** -point.scale)
  const { offset, bucketCounts } = point.positive ?? NO_BUCKETS
  for (const [i, count] of bucketCounts.entries()) {
    const [low, high] = [base ** (offset + i), base ** (offset + i + 1)]
    const places = targets(low, high, bounds, how)
    const parts = shares(Number(count), places.length, how === 'random')
    for (const [j, at] of places.entries()) put(at, parts[j] ?? 0)
  }
  if (bounds[0] === 0) put(0, point.zeroCount)
  const { attributes, start, time, flags, count, sum, min, max, exemplars } = point
  const common = { attributes, start, time, flags, count, sum, min, max, exemplars }
  return { ...common, bucketCounts: counts, explicitBounds: bounds }
}

const toHistogram = editor(
  'convert_exponential_histogram_to_histogram',
  ['distribution', 'explicit_bounds'],
  (args) => {
    const how = args.oneOf('distribution', ['upper', 'midpoint', 'uniform', 'random'])
    const bounds = args.literalNumbers('explicit_bounds')
    if (bounds.length === 0) args.fault('explicit_bounds', 'must not be empty')
    return (frame) => {
      const { metric } = frame
      if (metric.data.kind !== 'exponential_histogram') return
      const points = metric.data.points.map((point) => explicit(point, how, bounds))
      frame.metric = { ...metric, data: { ...metric.data, kind: 'histogram', points } }
    }
  },
)

const isHistogram = (point: Point): point is HistogramPoint => 'explicitBounds' in point

const mergeBuckets = editor('merge_histogram_buckets', ['bound'], (args) => {
  const bound = args.number('bound')
  return (frame) => {
    const { point } = frame
    if (!isHistogram(point)) return
    const at = point.explicitBounds.indexOf(bound(frame))
    if (at === -1) return
    const merged = addIntegers(point.bucketCounts[at] ?? 0, point.bucketCounts[at + 1] ?? 0)
    frame.point = {
      ...point,
      explicitBounds: point.explicitBounds.toSpliced(at, 1),
      bucketCounts: point.bucketCounts.toSpliced(at, 2, merged),
    }
  }
})

export const buckets = { metric: [toHistogram], datapoint: [mergeBuckets] }
