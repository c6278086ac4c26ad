import { type Metric, type MetricData, Temporality } from '../../pipeline/data/metrics.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import {
  type Counted,
  forgetSent,
  type Series,
  SeriesTable,
} from '../../pipeline/metrics/series.ts'
import { counterOf, type Durations, durationData } from '../../pipeline/metrics/series_points.ts'
import { newSketch } from '../../pipeline/metrics/sketch.ts'
import { boundsOf, isDelta, maxBuckets, type SpanMetricsConfig } from './config.ts'

interface Calls extends Counted {
  wasSent: boolean
}

/** What is known of the spans of one resource. */
export class ResourceState {
  readonly key: string
  readonly resource: Resource
  readonly calls: SeriesTable<Calls>
  readonly durations: SeriesTable<Durations>
  readonly events: SeriesTable<Calls>

  constructor(key: string, resource: Resource, config: SpanMetricsConfig) {
    const limit = config.aggregation_cardinality_limit
    const bounds = boundsOf(config)
    const counter = () => ({ count: 0, wasSent: false })
    this.key = key
    this.resource = resource
    this.calls = new SeriesTable<Calls>(limit, counter)
    this.events = new SeriesTable<Calls>(limit, counter)
    this.durations = new SeriesTable<Durations>(limit, () => newSketch(bounds, maxBuckets(config)))
  }
}

/** A cumulative series begins at 0, as in the Collector: of one that begins higher Prometheus misses the first rise. */
function countsOf(table: SeriesTable<Calls>, fromZero: boolean): readonly Series<Counted>[] {
  return table.values().map((series) => {
    if (!fromZero || series.state.wasSent) return series
    series.state.wasSent = true
    return { ...series, state: { count: 0 } }
  })
}

/**
 * The metrics of a resource as they are now; exemplars, and of deltas everything, are forgotten then. What is sent for the
 * `last` time is told whole.
 */
export function takeMetrics(
  state: ResourceState,
  config: SpanMetricsConfig,
  time: UnixTime,
  last: boolean,
): readonly Metric[] {
  const fromZero = !last && !isDelta(config)
  const prefix = config.namespace === '' ? '' : `${config.namespace}.`
  const temporality = isDelta(config) ? Temporality.delta : Temporality.cumulative
  const counter = (table: SeriesTable<Calls>) =>
    counterOf(countsOf(table, fromZero), time, temporality)
  const metric = (name: string, data: MetricData, unit = ''): Metric[] => {
    const named = { name: prefix + name, description: '', unit, metadata: [], data }
    return data.points.length === 0 ? [] : [named]
  }
  const { unit } = config.histogram
  const metrics = [
    ...metric('calls', counter(state.calls)),
    ...metric('duration', durationData(state.durations, time, temporality), unit),
    ...metric('events', counter(state.events)),
  ]
  for (const table of [state.calls, state.durations, state.events]) {
    forgetSent<unknown>(table, isDelta(config))
  }
  return metrics
}
