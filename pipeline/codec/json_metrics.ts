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
import {
  attributesToJson,
  double,
  integer,
  type Json,
  list,
  number,
  resourceItemsToJson,
  scopeItemsToJson,
  text,
  time,
} from './json_common.ts'

/** One member of `resourceMetrics`, in OTLP's JSON. */
export const resourceMetricsToJson = (data: ResourceMetrics): Json =>
  resourceItemsToJson(
    data,
    'scopeMetrics',
    data.scopeMetrics.map((one) => scopeItemsToJson(one, 'metrics', one.metrics.map(metricToJson))),
  )

const metricToJson = (metric: Metric): Json => ({
  name: text(metric.name),
  description: text(metric.description),
  unit: text(metric.unit),
  ...dataToJson(metric.data),
  metadata: attributesToJson(metric.metadata),
})

function dataToJson(data: MetricData): Json {
  switch (data.kind) {
    case 'gauge':
      return { gauge: { dataPoints: data.points.map(numberPointToJson) } }
    case 'sum':
      return {
        sum: {
          dataPoints: data.points.map(numberPointToJson),
          aggregationTemporality: number(data.temporality),
          isMonotonic: data.monotonic || undefined,
        },
      }
    case 'histogram':
      return {
        histogram: {
          dataPoints: data.points.map(histogramPointToJson),
          aggregationTemporality: number(data.temporality),
        },
      }
    case 'exponential_histogram':
      return {
        exponentialHistogram: {
          dataPoints: data.points.map(exponentialPointToJson),
          aggregationTemporality: number(data.temporality),
        },
      }
    case 'summary':
      return { summary: { dataPoints: data.points.map(summaryPointToJson) } }
    case 'empty':
      return {}
  }
}

const pointToJson = (
  point: NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint,
) => ({
  attributes: attributesToJson(point.attributes),
  startTimeUnixNano: time(point.start),
  timeUnixNano: time(point.time),
  flags: number(point.flags),
})

const numberPointToJson = (point: NumberPoint): Json => ({
  ...pointToJson(point),
  ...valueToJson(point.value),
  exemplars: list(point.exemplars, exemplarToJson),
})

const populationToJson = (point: HistogramPoint | ExponentialHistogramPoint): Json => ({
  count: integer(point.count),
  sum: optional(point.sum),
  min: optional(point.min),
  max: optional(point.max),
  exemplars: list(point.exemplars, exemplarToJson),
})

const histogramPointToJson = (point: HistogramPoint): Json => ({
  ...pointToJson(point),
  ...populationToJson(point),
  bucketCounts: list(point.bucketCounts, integer),
  explicitBounds: list(point.explicitBounds, double),
})

const exponentialPointToJson = (point: ExponentialHistogramPoint): Json => ({
  ...pointToJson(point),
  ...populationToJson(point),
  scale: number(point.scale),
  zeroCount: integer(point.zeroCount),
  zeroThreshold: double(point.zeroThreshold),
  positive: bucketsToJson(point.positive),
  negative: bucketsToJson(point.negative),
})

const bucketsToJson = (buckets: Buckets | undefined): Json | undefined =>
  buckets && { offset: number(buckets.offset), bucketCounts: list(buckets.bucketCounts, integer) }

const summaryPointToJson = (point: SummaryPoint): Json => ({
  ...pointToJson(point),
  count: integer(point.count),
  sum: double(point.sum),
  quantileValues: list(point.quantiles, ({ quantile, value }) => ({
    quantile: double(quantile),
    value: double(value),
  })),
})

const exemplarToJson = (exemplar: Exemplar): Json => ({
  filteredAttributes: attributesToJson(exemplar.filteredAttributes),
  timeUnixNano: time(exemplar.time),
  ...valueToJson(exemplar.value),
  spanId: text(exemplar.spanId),
  traceId: text(exemplar.traceId),
})

function valueToJson(number: NumberValue): Json {
  if (number.kind === 'double') return { asDouble: double(number.value) }
  return number.kind === 'int' ? { asInt: integer(number.value) } : {}
}

const optional = (value: number | undefined) => (value === undefined ? undefined : double(value))
