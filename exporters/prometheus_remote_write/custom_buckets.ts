import type { HistogramPoint, Integer } from '../../pipeline/data/metrics.ts'
import { addIntegers } from '../../pipeline/metrics/aggregate.ts'
import type { Histogram } from '../../pipeline/prometheus/family.ts'
import { exemplarsOf } from '../../pipeline/prometheus/sample.ts'

/** Native histograms whose buckets have bounds of their own. */
const CUSTOM_BUCKETS = -53
const NO_BUCKETS = { offset: 0, bucketCounts: [] }

/**
 * A histogram with its bounds as a native one. What its buckets do not count of its count lies above the last bound.
 * Source: https://prometheus.io/docs/specs/native_histograms/#custom-bounds
 */
export function customBuckets(point: HistogramPoint): Histogram {
  const customValues = point.explicitBounds.filter((bound) => bound !== Number.POSITIVE_INFINITY)
  const below = customValues.map((_, i) => point.bucketCounts[i] ?? 0)
  const above = point.bucketCounts.slice(customValues.length)
  const counted = [...below, ...above].reduce<Integer>(addIntegers, 0)
  const count = BigInt(counted) < BigInt(point.count) ? point.count : counted
  const rest = addIntegers(count, -BigInt(below.reduce<Integer>(addIntegers, 0)))
  return {
    kind: 'histogram',
    count,
    sum: point.sum ?? 0,
    buckets: [],
    native: {
      schema: CUSTOM_BUCKETS,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: { offset: 0, bucketCounts: [...below, rest] },
      negative: NO_BUCKETS,
      customValues,
      exemplars: exemplarsOf(point.exemplars),
    },
  }
}
