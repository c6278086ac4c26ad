import type {
  Buckets,
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  Metric,
  MetricData,
  NumberPoint,
  NumberValue,
  ResourceMetrics,
  SummaryPoint,
} from '../data/metrics.ts'
import { JsonDecoder } from './json_decode.ts'
import type { JsonReader } from './json_reader.ts'

const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'].map(
  (name) => `AGGREGATION_TEMPORALITY_${name}`,
)

/** The metrics' half of `JsonDecoder`. */
export class JsonMetricsDecoder extends JsonDecoder {
  resourceMetrics = (r: JsonReader): ResourceMetrics => ({
    resource: this.resource(r.object('resource')),
    scopeMetrics: r.objects('scopeMetrics', (one) => ({
      scope: this.scope(one.object('scope')),
      metrics: one.objects('metrics', this.#metric),
      schemaUrl: one.text('schemaUrl'),
    })),
    schemaUrl: r.text('schemaUrl'),
  })

  #metric = (r: JsonReader): Metric => ({
    name: r.text('name'),
    description: r.text('description'),
    unit: r.text('unit'),
    metadata: this.attributes(r, 'metadata'),
    data: this.#data(r),
  })

  #data(r: JsonReader): MetricData {
    const gauge = r.object('gauge')
    if (gauge !== undefined) return { kind: 'gauge', points: points(gauge, this.#numberPoint) }
    const sum = r.object('sum')
    if (sum !== undefined) {
      const monotonic = sum.bool('isMonotonic')
      return { kind: 'sum', points: points(sum, this.#numberPoint), ...temporality(sum), monotonic }
    }
    const histogram = r.object('histogram')
    if (histogram !== undefined) {
      const list = points(histogram, this.#histogramPoint)
      return { kind: 'histogram', points: list, ...temporality(histogram) }
    }
    const exponential = r.object('exponentialHistogram')
    if (exponential !== undefined) {
      const list = points(exponential, this.#exponentialPoint)
      return { kind: 'exponential_histogram', points: list, ...temporality(exponential) }
    }
    const summary = r.object('summary')
    if (summary !== undefined)
      return { kind: 'summary', points: points(summary, this.#summaryPoint) }
    return { kind: 'empty', points: [] }
  }

  #point = (r: JsonReader) => ({
    attributes: this.attributes(r, 'attributes'),
    start: r.time('startTimeUnixNano'),
    time: r.time('timeUnixNano'),
    flags: r.uint32('flags'),
  })

  #numberPoint = (r: JsonReader): NumberPoint => ({
    ...this.#point(r),
    value: numberValue(r),
    exemplars: r.objects('exemplars', this.#exemplar),
  })

  #population = (r: JsonReader) => ({
    count: r.uint64('count'),
    sum: r.optionalDouble('sum'),
    min: r.optionalDouble('min'),
    max: r.optionalDouble('max'),
    exemplars: r.objects('exemplars', this.#exemplar),
  })

  #histogramPoint = (r: JsonReader): HistogramPoint => ({
    ...this.#point(r),
    ...this.#population(r),
    bucketCounts: r.uint64s('bucketCounts'),
    explicitBounds: r.doubles('explicitBounds'),
  })

  #exponentialPoint = (r: JsonReader): ExponentialHistogramPoint => ({
    ...this.#point(r),
    ...this.#population(r),
    scale: r.int32('scale'),
    zeroCount: r.uint64('zeroCount'),
    zeroThreshold: r.double('zeroThreshold'),
    positive: buckets(r.object('positive')),
    negative: buckets(r.object('negative')),
  })

  #summaryPoint = (r: JsonReader): SummaryPoint => ({
    ...this.#point(r),
    count: r.uint64('count'),
    sum: r.double('sum'),
    quantiles: r.objects('quantileValues', (one) => ({
      quantile: one.double('quantile'),
      value: one.double('value'),
    })),
  })

  #exemplar = (r: JsonReader): Exemplar => ({
    filteredAttributes: this.attributes(r, 'filteredAttributes'),
    time: r.time('timeUnixNano'),
    value: numberValue(r),
    spanId: r.id('spanId', 8),
    traceId: r.id('traceId', 16),
  })
}

const points = <P>(r: JsonReader, read: (one: JsonReader) => P): P[] =>
  r.objects('dataPoints', read)

const temporality = (r: JsonReader) => ({
  temporality: r.enumeration('aggregationTemporality', TEMPORALITIES),
})

function numberValue(r: JsonReader): NumberValue {
  if (r.has('asDouble')) return { kind: 'double', value: r.double('asDouble') }
  return r.has('asInt') ? { kind: 'int', value: r.int64('asInt') } : { kind: 'none' }
}

const buckets = (r: JsonReader | undefined): Buckets | undefined =>
  r && { offset: r.int32('offset'), bucketCounts: r.uint64s('bucketCounts') }
