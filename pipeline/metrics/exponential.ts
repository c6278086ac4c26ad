import type { Buckets, ExponentialHistogramPoint, Integer } from '../data/metrics.ts'

const NO_BUCKETS: Buckets = { offset: 0, bucketCounts: [] }

const add = (a: Integer, b: Integer): Integer => {
  const sum = Number(a) + Number(b)
  return Number.isSafeInteger(sum) ? sum : BigInt(a) + BigInt(b)
}

/** Buckets of a coarser scale: each holds 2^steps of the finer ones. */
export function coarser({ offset, bucketCounts }: Buckets, steps: number): Buckets {
  if (steps === 0 || bucketCounts.length === 0) return { offset: offset >> steps, bucketCounts }
  const first = offset >> steps
  const counts: Integer[] = []
  for (const [i, count] of bucketCounts.entries()) {
    const at = ((offset + i) >> steps) - first
    counts[at] = add(counts[at] ?? 0, count)
  }
  return { offset: first, bucketCounts: Array.from(counts, (count) => count ?? 0) }
}

function addBuckets(a: Buckets, b: Buckets): Buckets {
  if (a.bucketCounts.length === 0) return b
  if (b.bucketCounts.length === 0) return a
  const offset = Math.min(a.offset, b.offset)
  const end = Math.max(a.offset + a.bucketCounts.length, b.offset + b.bucketCounts.length)
  const bucketCounts = Array.from({ length: end - offset }, (_, i) =>
    add(a.bucketCounts[offset + i - a.offset] ?? 0, b.bucketCounts[offset + i - b.offset] ?? 0),
  )
  return { offset, bucketCounts }
}

/** Scale, zero and buckets of both, at the coarser of their scales. Of all else what `a` has. */
export function mergeExponential(
  a: ExponentialHistogramPoint,
  b: ExponentialHistogramPoint,
): ExponentialHistogramPoint {
  const scale = Math.min(a.scale, b.scale)
  const side = (of: ExponentialHistogramPoint, buckets: Buckets | undefined) =>
    coarser(buckets ?? NO_BUCKETS, of.scale - scale)
  return {
    ...a,
    scale,
    zeroCount: add(a.zeroCount, b.zeroCount),
    zeroThreshold: Math.max(a.zeroThreshold, b.zeroThreshold),
    positive: addBuckets(side(a, a.positive), side(b, b.positive)),
    negative: addBuckets(side(a, a.negative), side(b, b.negative)),
  }
}
