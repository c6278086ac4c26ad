import type {
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricData,
  NumberPoint,
} from '../data/metrics.ts'
import type { UnixTime } from '../data/time.ts'
import type { Counted, Series, SeriesTable } from './series.ts'
import { type Durations, ExplicitSketch, ExponentialSketch } from './sketch.ts'

export type { Durations } from './sketch.ts'

const common = <T>({ attributes, start, exemplars }: Series<T>, time: UnixTime) => ({
  attributes,
  start,
  time,
  flags: 0,
  exemplars,
})

/** A counter as it is now. */
export const counterData = (
  table: SeriesTable<Counted>,
  time: UnixTime,
  temporality: number,
): MetricData => counterOf(table.values(), time, temporality)

/** The same of counts that are not alone in their series. */
export const counterOf = (
  all: readonly Series<Counted>[],
  time: UnixTime,
  temporality: number,
): MetricData => ({
  kind: 'sum',
  points: all.map((one) => numberPoint(one, time)),
  temporality,
  monotonic: true,
})

const numberPoint = (series: Series<Counted>, time: UnixTime): NumberPoint => ({
  ...common(series, time),
  value: { kind: 'int', value: Math.round(series.state.count) },
})

/** A histogram as it is now, of the kind that its sketches are. */
export const durationData = (
  table: SeriesTable<Durations>,
  time: UnixTime,
  temporality: number,
): MetricData => histogramData(table.values(), time, temporality)

/** The same of sketches that are not alone in their series. */
export function histogramData(
  all: readonly Series<Durations>[],
  time: UnixTime,
  temporality: number,
): MetricData {
  const explicit = all.flatMap((one) => explicitPoint(one, time))
  if (explicit.length > 0) return { kind: 'histogram', points: explicit, temporality }
  const points = all.flatMap((one) => exponentialPoint(one, time))
  return { kind: 'exponential_histogram', points, temporality }
}

/** Weights of sampled spans are no whole numbers, counts are. */
const population = ({ count, sum, min, max }: Durations) => ({
  count: Math.round(count),
  sum,
  min,
  max,
})

function explicitPoint(series: Series<Durations>, time: UnixTime): HistogramPoint[] {
  const { state } = series
  if (!(state instanceof ExplicitSketch)) return []
  const bucketCounts = state.counts.map(Math.round)
  const count = bucketCounts.reduce((sum, one) => sum + one, 0)
  const rest = { ...population(state), count, bucketCounts, explicitBounds: state.bounds }
  return [{ ...common(series, time), ...rest }]
}

function exponentialPoint(series: Series<Durations>, time: UnixTime): ExponentialHistogramPoint[] {
  const { state } = series
  if (!(state instanceof ExponentialSketch)) return []
  const { offset, bucketCounts } = state.buckets
  const counts = bucketCounts.map((one) => Math.round(Number(one)))
  const zeroCount = Math.round(state.zeroCount)
  const count = counts.reduce((sum, one) => sum + one, zeroCount)
  return [
    {
      ...common(series, time),
      ...population(state),
      count,
      scale: bucketCounts.length === 0 ? 0 : state.scale,
      zeroCount,
      zeroThreshold: 0,
      positive: { offset, bucketCounts: counts },
      negative: { offset: 0, bucketCounts: [] },
    },
  ]
}
