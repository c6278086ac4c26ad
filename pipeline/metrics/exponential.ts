import type { Buckets, ExponentialHistogramPoint, Integer } from '../data/metrics.ts'

const NO_BUCKETS: Buckets = { offset: 0, bucketCounts: [] }
/** Of the negative and of the positive side, as in the Collector: else two points far apart make as many as lie between. */
const MAX_BUCKETS = 160

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

/** Without the empty buckets at both ends. */
function trimmed({ offset, bucketCounts }: Buckets): Buckets {
  const first = bucketCounts.findIndex((count) => count > 0)
  if (first < 0) return NO_BUCKETS
  const end = bucketCounts.findLastIndex((count) => count > 0) + 1
  return { offset: offset + first, bucketCounts: bucketCounts.slice(first, end) }
}

/** By how many steps the scale has to fall until the buckets of both are few enough. */
function stepsToFit(a: Buckets, b: Buckets): number {
  const sides = [trimmed(a), trimmed(b)].filter((one) => one.bucketCounts.length > 0)
  let low = Math.min(...sides.map((one) => one.offset))
  let high = Math.max(...sides.map((one) => one.offset + one.bucketCounts.length - 1))
  let steps = 0
  for (; high - low >= MAX_BUCKETS; steps++) {
    low >>= 1
    high >>= 1
  }
  return steps
}

const spread = (a: Buckets, b: Buckets): number =>
  Math.max(a.offset + a.bucketCounts.length, b.offset + b.bucketCounts.length) -
  Math.min(a.offset, b.offset)

function addBuckets(a: Buckets, b: Buckets): Buckets {
  if (a.bucketCounts.length === 0) return b
  if (b.bucketCounts.length === 0) return a
  if (spread(a, b) > MAX_BUCKETS) return joinBuckets(trimmed(a), trimmed(b))
  return joinBuckets(a, b)
}

function joinBuckets(a: Buckets, b: Buckets): Buckets {
  const offset = Math.min(a.offset, b.offset)
  const end = Math.max(a.offset + a.bucketCounts.length, b.offset + b.bucketCounts.length)
  const bucketCounts = Array.from({ length: end - offset }, (_, i) =>
    add(a.bucketCounts[offset + i - a.offset] ?? 0, b.bucketCounts[offset + i - b.offset] ?? 0),
  )
  return { offset, bucketCounts }
}

/** Scale, zero and buckets of both, at the coarser of their scales or below. Of all else what `a` has. */
export function mergeExponential(
  a: ExponentialHistogramPoint,
  b: ExponentialHistogramPoint,
): ExponentialHistogramPoint {
  const coarse = Math.min(a.scale, b.scale)
  const side = (of: ExponentialHistogramPoint, buckets: Buckets | undefined) =>
    coarser(buckets ?? NO_BUCKETS, of.scale - coarse)
  const [positives, negatives] = [
    [side(a, a.positive), side(b, b.positive)] as const,
    [side(a, a.negative), side(b, b.negative)] as const,
  ]
  const steps = Math.max(stepsToFit(...positives), stepsToFit(...negatives))
  const sum = ([x, y]: readonly [Buckets, Buckets]) =>
    addBuckets(coarser(x, steps), coarser(y, steps))
  return {
    ...a,
    scale: coarse - steps,
    zeroCount: add(a.zeroCount, b.zeroCount),
    zeroThreshold: Math.max(a.zeroThreshold, b.zeroThreshold),
    positive: sum(positives),
    negative: sum(negatives),
  }
}
