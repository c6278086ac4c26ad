import type { Metric } from '../../../pipeline/data/metrics.ts'
import { Temporality } from '../../../pipeline/data/metrics.ts'
import type { Resource } from '../../../pipeline/data/resource.ts'
import type { UnixTime } from '../../../pipeline/data/time.ts'
import {
  type Counted,
  forgetSent,
  type Series,
  SeriesTable,
} from '../../../pipeline/metrics/series.ts'
import { counterOf, histogramData } from '../../../pipeline/metrics/series_points.ts'
import { type Durations, newSketch } from '../../../pipeline/metrics/sketch.ts'
import type { MetricsRules } from './fields.ts'
import type { Instrument } from './instruments.ts'
import type { Labels } from './labels.ts'

/** What one set of labels measures. Sizes that were never known have no sketch. */
interface Sketches {
  readonly duration: Durations
  request: Durations | undefined
  response: Durations | undefined
  readonly sent: Counted
  readonly consumed: Counted
}

type Which = 'duration' | 'request' | 'response'

/** The series of one resource. */
export class CountedResource {
  readonly resource: Resource
  readonly #rules: MetricsRules
  readonly #tables = new Map<Instrument, SeriesTable<Sketches>>()

  constructor(resource: Resource, rules: MetricsRules) {
    this.resource = resource
    this.#rules = rules
  }

  get size(): number {
    return [...this.#tables.values()].reduce((sum, table) => sum + table.size, 0)
  }

  /** Adds one exchange. Sizes below 0 are not known. `now`: milliseconds, monotonic. */
  add(
    { instrument, key, attributes }: Labels,
    seconds: number,
    requestBytes: number,
    responseBytes: number,
    now: number,
    time: UnixTime,
  ): Series<Sketches> {
    const table = this.#tables.get(instrument) ?? this.#newTable(instrument)
    const series = table.at(key, attributes, now, time)
    const { durations, sizes, buckets, maxSize } = this.#rules
    const { state } = series
    if (durations) state.duration.record(seconds, 1)
    if (instrument.messages !== undefined) {
      state.sent.count += Math.max(0, requestBytes)
      state.consumed.count += Math.max(0, responseBytes)
      return series
    }
    if (!sizes) return series
    if (requestBytes >= 0) {
      state.request ??= newSketch(buckets.request, maxSize)
      state.request.record(requestBytes, 1)
    }
    if (responseBytes >= 0) {
      state.response ??= newSketch(buckets.response, maxSize)
      state.response.record(responseBytes, 1)
    }
    return series
  }

  #newTable(instrument: Instrument): SeriesTable<Sketches> {
    const { seriesMax, buckets, maxSize } = this.#rules
    const table = new SeriesTable<Sketches>(seriesMax, () => ({
      duration: newSketch(buckets.duration, maxSize),
      request: undefined,
      response: undefined,
      sent: { count: 0 },
      consumed: { count: 0 },
    }))
    this.#tables.set(instrument, table)
    return table
  }

  /** The metrics as they are now; exemplars, and of deltas everything, are forgotten then. */
  take(time: UnixTime): Metric[] {
    const { durations, temporality } = this.#rules
    return [...this.#tables].flatMap(([instrument, table]) => {
      const all = table.values()
      const metric = (name: string | undefined, unit: string, which: Which): Metric[] => {
        const series = all.flatMap((one) => only(one, which))
        if (series.length === 0 || name === undefined) return []
        const data = histogramData(series, time, temporality)
        return [{ name, unit, description: '', metadata: [], data }]
      }
      const metrics = [
        ...(durations ? metric(instrument.duration, 's', 'duration') : []),
        ...metric(instrument.requestSize, 'By', 'request'),
        ...metric(instrument.responseSize, 'By', 'response'),
        ...(durations ? counters(instrument, all, time, temporality) : []),
      ]
      forgetSent(table, temporality === Temporality.delta)
      return metrics
    })
  }

  expire(before: number): void {
    for (const table of this.#tables.values()) table.expire(before)
  }
}

/** How many messages went, and came: of series that have any. */
function counters(
  { messages }: Instrument,
  all: readonly Series<Sketches>[],
  time: UnixTime,
  temporality: number,
): Metric[] {
  if (messages === undefined) return []
  return (['sent', 'consumed'] as const).flatMap((which): Metric[] => {
    const series = all.filter(({ state }) => state[which].count > 0)
    if (series.length === 0) return []
    const counted = series.map((one) => ({ ...one, state: one.state[which], exemplars: [] }))
    const data = counterOf(counted, time, temporality)
    return [{ name: messages[which], unit: '{message}', description: '', metadata: [], data }]
  })
}

/** One sketch of a series, as a series; examples are of durations. */
function only(series: Series<Sketches>, which: Which): Series<Durations>[] {
  const state = series.state[which]
  if (state === undefined) return []
  return [{ ...series, state, exemplars: which === 'duration' ? series.exemplars : [] }]
}
