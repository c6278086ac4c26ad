import type {
  ExponentialHistogramPoint,
  HistogramPoint,
  Metric,
  NumberPoint,
} from '../../pipeline/data/metrics.ts'
import { Temporality } from '../../pipeline/data/metrics.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { ExplicitSketch, ExponentialSketch } from '../../pipeline/metrics/sketch.ts'
import { boundsOf, isDelta, type SpanMetricsConfig } from './config.ts'
import { type Counted, type Series, SeriesTable } from './series.ts'

type Durations = ExplicitSketch | ExponentialSketch

/** What is known of the spans of one resource. */
export class ResourceState {
  readonly resource: Resource
  readonly calls: SeriesTable<Counted>
  readonly durations: SeriesTable<Durations>
  readonly events: SeriesTable<Counted>
  seen = 0

  constructor(resource: Resource, config: SpanMetricsConfig) {
    const limit = config.aggregation_cardinality_limit
    const bounds = boundsOf(config)
    const size = config.histogram.exponential?.max_size ?? 0
    const counter = () => ({ count: 0 })
    this.resource = resource
    this.calls = new SeriesTable<Counted>(limit, counter)
    this.events = new SeriesTable<Counted>(limit, counter)
    this.durations = new SeriesTable<Durations>(limit, () =>
      bounds === undefined ? new ExponentialSketch(size) : new ExplicitSketch(bounds),
    )
  }
}

/** The metrics of a resource as they are now; exemplars, and of deltas everything, are forgotten then. */
export function takeMetrics(
  state: ResourceState,
  config: SpanMetricsConfig,
  time: UnixTime,
): readonly Metric[] {
  const named = (name: string) => (config.namespace === '' ? name : `${config.namespace}.${name}`)
  const temporality = isDelta(config) ? Temporality.delta : Temporality.cumulative
  const counter = (name: string, table: SeriesTable<Counted>): Metric[] => {
    const points = table.values().map((one) => numberPoint(one, time))
    const data = { kind: 'sum', points, temporality, monotonic: true } as const
    return points.length === 0 ? [] : [{ ...EMPTY, name: named(name), data }]
  }
  const metrics = [
    ...counter('calls', state.calls),
    ...durationMetric(state, named('duration'), config, temporality, time),
    ...counter('events', state.events),
  ]
  forget(state, isDelta(config))
  return metrics
}

const EMPTY = { description: '', unit: '', metadata: [] } as const

function forget({ calls, durations, events }: ResourceState, all: boolean): void {
  for (const table of [calls, durations, events]) {
    if (all) table.clear()
    else for (const one of table.values()) one.exemplars = []
  }
}

const common = <T>({ attributes, start, exemplars }: Series<T>, time: UnixTime) => ({
  attributes,
  start,
  time,
  flags: 0,
  exemplars,
})

const numberPoint = (series: Series<Counted>, time: UnixTime): NumberPoint => ({
  ...common(series, time),
  value: { kind: 'int', value: Math.round(series.state.count) },
})

function durationMetric(
  { durations }: ResourceState,
  name: string,
  { histogram: { unit } }: SpanMetricsConfig,
  temporality: number,
  time: UnixTime,
): Metric[] {
  const all = durations.values()
  if (all.length === 0) return []
  const explicit = all.flatMap((one) => explicitPoint(one, time))
  const data =
    explicit.length > 0
      ? ({ kind: 'histogram', points: explicit, temporality } as const)
      : ({
          kind: 'exponential_histogram',
          points: all.flatMap((one) => exponentialPoint(one, time)),
          temporality,
        } as const)
  return [{ ...EMPTY, name, unit, data }]
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
      scale: state.scale,
      zeroCount,
      zeroThreshold: 0,
      positive: { offset, bucketCounts: counts },
      negative: { offset: 0, bucketCounts: [] },
    },
  ]
}
