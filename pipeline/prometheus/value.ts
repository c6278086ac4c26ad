import { attribute } from '../data/attributes.ts'
import type {
  ExponentialHistogramPoint,
  HistogramPoint,
  Metric,
  MetricData,
  NumberPoint,
  SummaryPoint,
} from '../data/metrics.ts'
import type { Family } from './family.ts'

/** A point with its kind. */
export type Value =
  | { readonly kind: 'gauge' | 'sum'; readonly point: NumberPoint }
  | { readonly kind: 'histogram'; readonly point: HistogramPoint }
  | { readonly kind: 'exponential_histogram'; readonly point: ExponentialHistogramPoint }
  | { readonly kind: 'summary'; readonly point: SummaryPoint }

/** Why a point cannot be said in Prometheus' terms. */
export type Fault = 'malformed_histogram' | 'no_data' | 'scale_too_small'

/** Native histograms have no coarser buckets. */
const MIN_SCALE = -4

/** The points of a metric, each with its kind. */
export const valuesOf = (data: MetricData): readonly Value[] =>
  data.points.map((point) => ({ kind: data.kind, point }) as Value)

/** Why this point cannot be shown. */
export function faultOf(value: Value): Fault | undefined {
  switch (value.kind) {
    case 'gauge':
    case 'sum':
      return value.point.value.kind === 'none' ? 'no_data' : undefined
    case 'histogram':
      return isWellFormed(value.point) ? undefined : 'malformed_histogram'
    case 'exponential_histogram':
      return value.point.scale < MIN_SCALE ? 'scale_too_small' : undefined
    default:
      return undefined
  }
}

function isWellFormed({ bucketCounts, explicitBounds }: HistogramPoint): boolean {
  if (bucketCounts.length === 0) return explicitBounds.length === 0
  const isGrowing = explicitBounds.every(
    (bound, i) => i === 0 || bound > Number(explicitBounds[i - 1]),
  )
  return isGrowing && bucketCounts.length === explicitBounds.length + 1
}

/** The type that Prometheus knows a metric by. */
export function typeOf({ data, metadata }: Metric): Family['type'] {
  switch (data.kind) {
    case 'sum':
      return data.monotonic ? 'counter' : 'gauge'
    case 'histogram':
    case 'exponential_histogram':
      return 'histogram'
    case 'summary':
      return 'summary'
    default: {
      // The Collector's receiver of Prometheus says so of what had no type there.
      const type = attribute(metadata, 'prometheus.type')
      return type?.kind === 'string' && type.value === 'unknown' ? 'untyped' : 'gauge'
    }
  }
}
