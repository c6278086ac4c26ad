import {
  bool,
  duration,
  enumOf,
  float,
  type Infer,
  int,
  list,
  object,
  text,
} from '../../../config/fields.ts'
import { Temporality } from '../../../pipeline/data/metrics.ts'

/** Upper bounds of seconds, and of bytes. */
const SECONDS = [0, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const BYTES = [0, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192]

const DELTA = 'AGGREGATION_TEMPORALITY_DELTA'
const CUMULATIVE = 'AGGREGATION_TEMPORALITY_CUMULATIVE'
const EXPLICIT = 'explicit_bucket_histogram'
const EXPONENTIAL = 'base2_exponential_bucket_histogram'

const ascending = (bounds: readonly number[]) =>
  bounds.some((bound, i) => i > 0 && bound <= (bounds[i - 1] ?? 0)) && 'bounds must ascend'

const bounds = (standard: readonly number[], what: string) =>
  list(float())
    .default([...standard])
    .check(ascending)
    .describe(`Upper bounds of ${what}.`)

/** The `metrics` section: what the receiver makes in a metrics pipeline. */
export const metricsFields = object({
  features: list(enumOf(['application', 'application_red', 'application_sizes']))
    .default(['application'])
    .describe('Durations (`application_red`), sizes of bodies (`application_sizes`), or both.'),
  interval: duration().min(1).default(60_000).describe('How often metrics are sent.'),
  ttl: duration()
    .min(0)
    .default(300_000)
    .describe('A series to which nothing was added for so long goes; 0: never.'),
  aggregation_temporality: enumOf([CUMULATIVE, DELTA])
    .default(CUMULATIVE)
    .describe('Whether metrics count since their start or since they were last sent.'),
  histogram_aggregation: enumOf([EXPLICIT, EXPONENTIAL])
    .default(EXPLICIT)
    .describe('Buckets with given bounds, or such whose bounds follow the values.'),
  max_size: int().min(1).default(160).describe('Exponential buckets at most.'),
  buckets: object({
    duration_histogram: bounds(SECONDS, 'durations, in seconds'),
    request_size_histogram: bounds(BYTES, 'bodies of requests, in bytes'),
    response_size_histogram: bounds(BYTES, 'bodies of responses, in bytes'),
  }).describe('Explicit buckets.'),
  dimensions: list(text().nonEmpty()).describe(
    'Attributes of spans that become labels, too, as `server.address` or `client.address`.',
  ),
  exclude_dimensions: list(text().nonEmpty()).describe('Labels that are left out.'),
  aggregation_cardinality_limit: int()
    .min(0)
    .default(2000)
    .describe(
      'Series of one metric and resource; what comes beyond counts as otel.metric.overflow. 0: no limit.',
    ),
  resource_metrics_cache_size: int()
    .min(1)
    .default(1000)
    .describe('Resources at most; the one longest silent goes.'),
  exemplars: object({
    enabled: bool().default(false).describe('Whether points of durations name spans.'),
    max_per_data_point: int().min(0).default(5).describe('Spans that a point names.'),
  }).describe('Spans as examples.'),
}).describe('What is measured, in a metrics pipeline.')

/** The section, ready to use. */
export interface MetricsRules {
  readonly durations: boolean
  readonly sizes: boolean
  readonly intervalMs: number
  /** 0: never. */
  readonly ttlMs: number
  readonly temporality: number
  readonly buckets: Buckets
  /** Exponential buckets at most. */
  readonly maxSize: number
  readonly dimensions: readonly string[]
  readonly excluded: ReadonlySet<string>
  readonly seriesMax: number
  readonly resourcesMax: number
  /** Of one point; 0 for none. */
  readonly exemplars: number
}

/** Undefined: exponential. */
type Buckets = Readonly<Record<'duration' | 'request' | 'response', readonly number[] | undefined>>

export function metricsRulesOf(config: Infer<typeof metricsFields>): MetricsRules {
  const { features, buckets, exemplars } = config
  const has = (feature: (typeof features)[number]) =>
    features.includes('application') || features.includes(feature)
  const explicit = config.histogram_aggregation === EXPLICIT
  return {
    durations: has('application_red'),
    sizes: has('application_sizes'),
    intervalMs: config.interval,
    ttlMs: config.ttl,
    temporality:
      config.aggregation_temporality === DELTA ? Temporality.delta : Temporality.cumulative,
    buckets: {
      duration: explicit ? buckets.duration_histogram : undefined,
      request: explicit ? buckets.request_size_histogram : undefined,
      response: explicit ? buckets.response_size_histogram : undefined,
    },
    maxSize: config.max_size,
    dimensions: config.dimensions,
    excluded: new Set(config.exclude_dimensions),
    seriesMax: config.aggregation_cardinality_limit,
    resourcesMax: config.resource_metrics_cache_size,
    exemplars: exemplars.enabled ? exemplars.max_per_data_point : 0,
  }
}
