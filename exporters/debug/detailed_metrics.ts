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
} from '../../pipeline/data/metrics.ts'
import { attributeLines, float, named, resourceLines, scopeLines, timestamp } from './text.ts'

const TEMPORALITIES = ['Unspecified', 'Delta', 'Cumulative']
const TYPES: Record<MetricData['kind'], string> = {
  gauge: 'Gauge',
  sum: 'Sum',
  histogram: 'Histogram',
  exponential_histogram: 'ExponentialHistogram',
  summary: 'Summary',
  empty: 'Empty',
}

/** The lines of `verbosity: detailed` for one resource. */
export const detailedMetrics = (data: ResourceMetrics, index: number): string[] => [
  ...resourceLines(`ResourceMetrics #${index}`, data.resource, data.schemaUrl),
  ...data.scopeMetrics.flatMap((one, i) => [
    ...scopeLines('ScopeMetrics', i, one.scope, one.schemaUrl),
    ...one.metrics.flatMap(metricLines),
  ]),
]

const metricLines = ({ name, description, unit, metadata, data }: Metric, index: number) => [
  `Metric #${index}`,
  'Descriptor:',
  `     -> Name: ${name}`,
  `     -> Description: ${description}`,
  `     -> Unit: ${unit}`,
  `     -> DataType: ${TYPES[data.kind]}`,
  ...attributeLines('Metadata:', metadata),
  ...(data.kind === 'sum' ? [`     -> IsMonotonic: ${data.monotonic}`] : []),
  ...('temporality' in data
    ? [`     -> AggregationTemporality: ${named(TEMPORALITIES, data.temporality)}`]
    : []),
  ...pointLines(data),
]

function pointLines(data: MetricData): string[] {
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return data.points.flatMap(numberLines)
    case 'histogram':
      return data.points.flatMap(histogramLines)
    case 'exponential_histogram':
      return data.points.flatMap(exponentialLines)
    case 'summary':
      return data.points.flatMap(summaryLines)
    case 'empty':
      return []
  }
}

type AnyPoint = NumberPoint | HistogramPoint | ExponentialHistogramPoint | SummaryPoint

const head = (title: string, point: AnyPoint): string[] => [
  title,
  ...attributeLines('Data point attributes:', point.attributes),
  `StartTimestamp: ${timestamp(point.start)}`,
  `Timestamp: ${timestamp(point.time)}`,
]

const numberLines = (point: NumberPoint, index: number): string[] => [
  ...head(`NumberDataPoints #${index}`, point),
  `Value: ${numberText(point.value)}`,
  ...exemplarLines(point.exemplars),
]

const populationLines = (point: HistogramPoint | ExponentialHistogramPoint): string[] => [
  `Count: ${point.count}`,
  ...optional('Sum', point.sum),
  ...optional('Min', point.min),
  ...optional('Max', point.max),
]

const histogramLines = (point: HistogramPoint, index: number): string[] => [
  ...head(`HistogramDataPoints #${index}`, point),
  ...populationLines(point),
  ...point.explicitBounds.map((bound, i) => `ExplicitBounds #${i}: ${float(bound)}`),
  ...point.bucketCounts.map((count, i) => `Buckets #${i}, Count: ${count}`),
  ...exemplarLines(point.exemplars),
]

const exponentialLines = (point: ExponentialHistogramPoint, index: number): string[] => [
  ...head(`ExponentialHistogramDataPoints #${index}`, point),
  ...populationLines(point),
  ...bucketLines(point.negative, point.scale, (low, high) => `[-${high}, -${low})`).reverse(),
  ...(point.zeroCount === 0 ? [] : [`Bucket [0, 0], Count: ${point.zeroCount}`]),
  ...bucketLines(point.positive, point.scale, (low, high) => `(${low}, ${high}]`),
  ...exemplarLines(point.exemplars),
]

function bucketLines(
  buckets: Buckets | undefined,
  scale: number,
  range: (low: string, high: string) => string,
): string[] {
  if (buckets === undefined) return []
  const bound = (index: number) => float(2 ** (index * 2 ** -scale))
  return buckets.bucketCounts.map((count, i) => {
    const index = buckets.offset + i
    return `Bucket ${range(bound(index), bound(index + 1))}, Count: ${count}`
  })
}

const summaryLines = (point: SummaryPoint, index: number): string[] => [
  ...head(`SummaryDataPoints #${index}`, point),
  `Count: ${point.count}`,
  `Sum: ${float(point.sum)}`,
  ...point.quantiles.map(
    ({ quantile, value }, i) =>
      `QuantileValue #${i}: Quantile ${float(quantile)}, Value ${float(value)}`,
  ),
]

const exemplarLines = (exemplars: readonly Exemplar[]): string[] =>
  exemplars.length === 0
    ? []
    : [
        'Exemplars:',
        ...exemplars.flatMap((one, i) => [
          `Exemplar #${i}`,
          `     -> Trace ID: ${one.traceId}`,
          `     -> Span ID: ${one.spanId}`,
          `     -> Timestamp: ${timestamp(one.time)}`,
          `     -> Value: ${numberText(one.value)}`,
          ...attributeLines('     -> FilteredAttributes:', one.filteredAttributes, '          '),
        ]),
      ]

function numberText(number: NumberValue): string {
  if (number.kind === 'none') return ''
  return number.kind === 'int' ? String(number.value) : float(number.value)
}

const optional = (name: string, value: number | undefined): string[] =>
  value === undefined ? [] : [`${name}: ${float(value)}`]
