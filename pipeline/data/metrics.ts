import type { Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'
import type { UnixTime } from './time.ts'

/** A 64-bit integer: a bigint only beyond 2^53. */
export type Integer = number | bigint

/** Source: opentelemetry/proto/metrics/v1/metrics.proto (OTLP 1.11), AggregationTemporality */
export const Temporality = { unspecified: 0, delta: 1, cumulative: 2 } as const

/** DataPointFlags: the point says that its series has no value now. */
export const NO_RECORDED_VALUE = 1

/** `none` is a point that was sent without a value. */
export type NumberValue =
  | { readonly kind: 'int'; readonly value: Integer }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'none' }

/** Ids are lowercase hex; an absent one is ''. */
export interface Exemplar {
  readonly filteredAttributes: Attributes
  readonly time: UnixTime
  readonly value: NumberValue
  readonly spanId: string
  readonly traceId: string
}

interface Point {
  readonly attributes: Attributes
  readonly start: UnixTime
  readonly time: UnixTime
  readonly flags: number
}

export interface NumberPoint extends Point {
  readonly value: NumberValue
  readonly exemplars: readonly Exemplar[]
}

/** What was not recorded is undefined, which is not 0. */
interface Population {
  readonly count: Integer
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
  readonly exemplars: readonly Exemplar[]
}

export interface HistogramPoint extends Point, Population {
  readonly bucketCounts: readonly Integer[]
  readonly explicitBounds: readonly number[]
}

/** Counts of the buckets from index `offset` on. */
export interface Buckets {
  readonly offset: number
  readonly bucketCounts: readonly Integer[]
}

export interface ExponentialHistogramPoint extends Point, Population {
  readonly scale: number
  readonly zeroCount: Integer
  readonly zeroThreshold: number
  readonly positive: Buckets | undefined
  readonly negative: Buckets | undefined
}

export interface Quantile {
  readonly quantile: number
  readonly value: number
}

export interface SummaryPoint extends Point {
  readonly count: Integer
  readonly sum: number
  readonly quantiles: readonly Quantile[]
}

/** The five kinds of metrics, and one that was sent without data. */
export type MetricData =
  | { readonly kind: 'gauge'; readonly points: readonly NumberPoint[] }
  | {
      readonly kind: 'sum'
      readonly points: readonly NumberPoint[]
      readonly temporality: number
      readonly monotonic: boolean
    }
  | {
      readonly kind: 'histogram'
      readonly points: readonly HistogramPoint[]
      readonly temporality: number
    }
  | {
      readonly kind: 'exponential_histogram'
      readonly points: readonly ExponentialHistogramPoint[]
      readonly temporality: number
    }
  | { readonly kind: 'summary'; readonly points: readonly SummaryPoint[] }
  | { readonly kind: 'empty'; readonly points: readonly [] }

export interface Metric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly metadata: Attributes
  readonly data: MetricData
}

export interface ScopeMetrics {
  readonly scope: Scope
  readonly metrics: readonly Metric[]
  readonly schemaUrl: string
}

export interface ResourceMetrics {
  readonly resource: Resource
  readonly scopeMetrics: readonly ScopeMetrics[]
  readonly schemaUrl: string
}
