import type {
  Buckets,
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  Integer,
  NumberPoint,
} from '../data/metrics.ts'
import { addIntegers } from '../metrics/aggregate.ts'
import { coarser } from '../metrics/exponential.ts'
import type { Histogram, Sample, SampleValue, TextExemplar } from './family.ts'
import type { LabelSet } from './labels.ts'
import type { Value } from './value.ts'

/** Native histograms have no finer buckets. */
const MAX_SCHEMA = 8
/** What Prometheus takes if a histogram does not say how wide its zero bucket is. */
const ZERO_THRESHOLD = 1e-128
const NO_BUCKETS: Buckets = { offset: 0, bucketCounts: [] }

/** What a scraper sees of a series. */
export function sampleOf(labels: LabelSet, value: Value, withTime: boolean): Sample {
  const { start, time } = value.point
  return {
    labels,
    ...(start[0] > 0 && { start }),
    ...(withTime && { timeMs: time[0] * 1000 + Math.floor(time[1] / 1e6) }),
    value: sampleValue(value),
  }
}

function sampleValue(value: Value): SampleValue {
  switch (value.kind) {
    case 'gauge':
      return { kind: 'number', value: numberOf(value.point) }
    case 'sum':
      return counted(value.point)
    case 'histogram':
      return histogram(value.point)
    case 'exponential_histogram':
      return exponential(value.point)
    case 'summary': {
      const { count, sum, quantiles } = value.point
      const pairs = quantiles.map(({ quantile, value }) => [quantile, value] as const)
      return { kind: 'summary', count, sum, quantiles: pairs.sort(([a], [b]) => a - b) }
    }
  }
}

const numberOf = ({ value }: NumberPoint): number =>
  value.kind === 'none' ? Number.NaN : Number(value.value)

function counted(point: NumberPoint): SampleValue {
  const last = point.exemplars.at(-1)
  const exemplar = last && { exemplar: exemplarOf(last) }
  return { kind: 'number', value: numberOf(point), ...exemplar }
}

const exemplarOf = ({ traceId, spanId, value, time }: Exemplar): TextExemplar => ({
  labels: new Map(
    [['trace_id', traceId] as const, ['span_id', spanId] as const].filter(([, id]) => id !== ''),
  ),
  value: value.kind === 'none' ? 0 : Number(value.value),
  time,
})

/** By time. */
export const exemplarsOf = (exemplars: readonly Exemplar[]): readonly TextExemplar[] =>
  exemplars.map(exemplarOf).sort(byTime)

const byTime = (a: TextExemplar, b: TextExemplar): number =>
  a.time[0] - b.time[0] || a.time[1] - b.time[1]

function histogram(point: HistogramPoint): Histogram {
  let below: Integer = 0
  let floor = Number.NEGATIVE_INFINITY
  const bounds = [...point.explicitBounds, Number.POSITIVE_INFINITY]
  const buckets = bounds.map((bound, i) => {
    below = addIntegers(below, point.bucketCounts[i] ?? 0)
    const over = floor
    floor = bound
    const last = point.exemplars
      .map(exemplarOf)
      .findLast(({ value }) => value > over && value <= bound)
    const count = bound === Number.POSITIVE_INFINITY ? point.count : below
    return { bound, count, ...(last && { exemplar: last }) }
  })
  return { kind: 'histogram', count: point.count, sum: point.sum ?? 0, buckets }
}

function exponential(point: ExponentialHistogramPoint): Histogram {
  const steps = Math.max(0, point.scale - MAX_SCHEMA)
  const { count, zeroCount } = point
  return {
    kind: 'histogram',
    count,
    sum: point.sum ?? 0,
    buckets: [{ bound: Number.POSITIVE_INFINITY, count }],
    native: {
      schema: point.scale - steps,
      zeroThreshold: point.zeroThreshold || ZERO_THRESHOLD,
      zeroCount,
      positive: native(point.positive, steps),
      negative: native(point.negative, steps),
      exemplars: exemplarsOf(point.exemplars),
    },
  }
}

/** Prometheus counts buckets by their upper bound, OTLP by their lower one. */
function native(buckets: Buckets | undefined, steps: number): Buckets {
  const { offset, bucketCounts } = coarser(buckets ?? NO_BUCKETS, steps)
  return { offset: offset + 1, bucketCounts }
}
