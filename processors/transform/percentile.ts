import type {
  Buckets,
  ExponentialHistogramPoint,
  HistogramPoint,
} from '../../pipeline/data/metrics.ts'

/** A range of values with how many there are, in the order of the values. */
interface Range {
  readonly low: number
  readonly high: number
  readonly count: number
  /** Between two bounds of an exponential histogram values grow exponentially. */
  readonly exponential: boolean
}

/** The value below which the share `quantile` of the population lies; undefined for an empty one. */
export function percentileOf(
  point: HistogramPoint | ExponentialHistogramPoint,
  quantile: number,
): number | undefined {
  const ranges = 'scale' in point ? exponentialRanges(point) : explicitRanges(point)
  const total = ranges.reduce((sum, one) => sum + one.count, 0)
  if (total === 0) return undefined
  let below = 0
  for (const { low, high, count, exponential } of ranges) {
    const rank = quantile * total - below
    below += count
    if (count === 0 || rank > count) continue
    const share = rank / count
    return exponential && low * high > 0 ? low * (high / low) ** share : low + (high - low) * share
  }
  return ranges.at(-1)?.high
}

function explicitRanges({ bucketCounts, explicitBounds, min, max }: HistogramPoint): Range[] {
  return bucketCounts.map((count, i) => {
    const [below, above] = [explicitBounds[i - 1], explicitBounds[i]]
    const high = above ?? max ?? below ?? 0
    const low = below ?? min ?? Math.min(0, high)
    return { low, high, count: Number(count), exponential: false }
  })
}

function exponentialRanges(point: ExponentialHistogramPoint): Range[] {
  const base = 2 ** (2 ** -point.scale)
  const side = ({ offset, bucketCounts }: Buckets): Range[] =>
    bucketCounts.map((count, i) => ({
      low: base ** (offset + i),
      high: base ** (offset + i + 1),
      count: Number(count),
      exponential: true,
    }))
  const none = { offset: 0, bucketCounts: [] }
  const negative = side(point.negative ?? none)
    .map((one) => ({ ...one, low: -one.high, high: -one.low }))
    .reverse()
  const { zeroThreshold } = point
  const zero = {
    low: -zeroThreshold,
    high: zeroThreshold,
    count: Number(point.zeroCount),
    exponential: false,
  }
  return [...negative, zero, ...side(point.positive ?? none)]
}
