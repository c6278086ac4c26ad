import { type Metric, type MetricData, Temporality } from '../../pipeline/data/metrics.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import { type Counted, forgetSent, SeriesTable } from '../../pipeline/metrics/series.ts'
import { counterData, type Durations, durationData } from '../../pipeline/metrics/series_points.ts'
import { newSketch } from '../../pipeline/metrics/sketch.ts'
import { boundsOf, isDelta, type SpanMetricsConfig } from './config.ts'

/** What is known of the spans of one resource. */
export class ResourceState {
  readonly resource: Resource
  readonly calls: SeriesTable<Counted>
  readonly durations: SeriesTable<Durations>
  readonly events: SeriesTable<Counted>

  constructor(resource: Resource, config: SpanMetricsConfig) {
    const limit = config.aggregation_cardinality_limit
    const bounds = boundsOf(config)
    const size = config.histogram.exponential?.max_size ?? 0
    const counter = () => ({ count: 0 })
    this.resource = resource
    this.calls = new SeriesTable<Counted>(limit, counter)
    this.events = new SeriesTable<Counted>(limit, counter)
    this.durations = new SeriesTable<Durations>(limit, () => newSketch(bounds, size))
  }
}

/** The metrics of a resource as they are now; exemplars, and of deltas everything, are forgotten then. */
export function takeMetrics(
  state: ResourceState,
  config: SpanMetricsConfig,
  time: UnixTime,
): readonly Metric[] {
  const prefix = config.namespace === '' ? '' : `${config.namespace}.`
  const temporality = isDelta(config) ? Temporality.delta : Temporality.cumulative
  const metric = (name: string, data: MetricData, unit = ''): Metric[] => {
    const named = { name: prefix + name, description: '', unit, metadata: [], data }
    return data.points.length === 0 ? [] : [named]
  }
  const { unit } = config.histogram
  const metrics = [
    ...metric('calls', counterData(state.calls, time, temporality)),
    ...metric('duration', durationData(state.durations, time, temporality), unit),
    ...metric('events', counterData(state.events, time, temporality)),
  ]
  for (const table of [state.calls, state.durations, state.events]) {
    forgetSent<unknown>(table, isDelta(config))
  }
  return metrics
}
