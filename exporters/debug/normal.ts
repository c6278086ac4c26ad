import type { Attributes } from '../../pipeline/data/attributes.ts'
import type { ResourceLogs } from '../../pipeline/data/logs.ts'
import type {
  Buckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  Metric,
  NumberPoint,
  NumberValue,
  ResourceMetrics,
  SummaryPoint,
} from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'

/** The lines of `verbosity: normal` for one resource: one for each item. */
export const normalSpans = (data: ResourceSpans, index: number): string[] => [
  resourceLine('ResourceTraces', index, data.resource, data.schemaUrl),
  ...data.scopeSpans.flatMap((one, i) => [
    scopeLine('ScopeTraces', i, one.scope, one.schemaUrl),
    ...one.spans.map(spanLine),
  ]),
]

export const normalLogs = (data: ResourceLogs, index: number): string[] => [
  resourceLine('ResourceLog', index, data.resource, data.schemaUrl),
  ...data.scopeLogs.flatMap((one, i) => [
    scopeLine('ScopeLog', i, one.scope, one.schemaUrl),
    ...one.logRecords.map((record) => words(valueText(record.body), ...pairs(record.attributes))),
  ]),
]

export const normalMetrics = (data: ResourceMetrics, index: number): string[] => [
  resourceLine('ResourceMetrics', index, data.resource, data.schemaUrl),
  ...data.scopeMetrics.flatMap((one, i) => [
    scopeLine('ScopeMetrics', i, one.scope, one.schemaUrl),
    ...one.metrics.flatMap(metricLines),
  ]),
]

const words = (...list: readonly string[]): string => list.filter((one) => one !== '').join(' ')

const pairs = (attributes: Attributes): string[] =>
  attributes.map(({ key, value }) => `${key}=${valueText(value)}`)

const bracketed = (schemaUrl: string) => schemaUrl && `[${schemaUrl}]`

const resourceLine = (title: string, index: number, resource: Resource, schemaUrl: string) =>
  words(`${title} #${index}`, bracketed(schemaUrl), ...pairs(resource.attributes))

const scopeLine = (title: string, index: number, scope: Scope, schemaUrl: string) =>
  words(
    `${title} #${index}`,
    scope.version === '' ? scope.name : `${scope.name}@${scope.version}`,
    bracketed(schemaUrl),
    ...pairs(scope.attributes),
  )

const spanLine = (span: Span): string =>
  words(span.name, span.traceId, span.spanId, ...pairs(span.attributes))

function metricLines({ name, data }: Metric): string[] {
  const line = (point: { attributes: Attributes }, ...values: readonly string[]) =>
    words(`${name}{${pairs(point.attributes).join(',')}}`, ...values)
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return data.points.map((point: NumberPoint) => line(point, numberText(point.value)))
    case 'histogram':
      return data.points.map((point) => line(point, ...population(point), ...bounds(point)))
    case 'exponential_histogram':
      return data.points.map((point) =>
        line(
          point,
          ...population(point),
          ...buckets(point.negative, point.scale),
          ...buckets(point.positive, point.scale),
        ),
      )
    case 'summary':
      return data.points.map((point) => line(point, ...summary(point)))
    case 'empty':
      return []
  }
}

const numberText = (number: NumberValue) => (number.kind === 'none' ? '' : String(number.value))

const population = (point: HistogramPoint | ExponentialHistogramPoint): string[] => [
  `count=${point.count}`,
  ...(['sum', 'min', 'max'] as const).flatMap((key) =>
    point[key] === undefined ? [] : [`${key}=${point[key]}`],
  ),
]

const bounds = (point: HistogramPoint): string[] =>
  point.bucketCounts.map((count, i) => {
    const bound = point.explicitBounds[i]
    return bound === undefined ? String(count) : `le${bound}=${count}`
  })

/** By the bound of each index, as the Collector shows them: without sign, for negative values too. */
const buckets = (of: Buckets | undefined, scale: number): string[] =>
  (of?.bucketCounts ?? []).map((count, i) => {
    const index = (of?.offset ?? 0) + i
    return `le${2 ** (index * 2 ** -scale)}=${count}`
  })

const summary = (point: SummaryPoint): string[] => [
  `count=${point.count}`,
  `sum=${point.sum.toFixed(6)}`,
  ...point.quantiles.map(({ quantile, value }) => `q${quantile}=${value}`),
]
