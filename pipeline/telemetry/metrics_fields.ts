import {
  bool,
  enumOf,
  float,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { otlpFields } from './otlp_fields.ts'

const includeExclude = (what: string) =>
  object({
    included: list(text()).describe(`Only these ${what}; none means all.`),
    excluded: list(text()).describe(`Not these ${what}.`),
  })

export type IncludeExclude = Infer<ReturnType<typeof includeExclude>>

const prometheus = object({
  host: text().default('localhost').describe('Address to listen on.'),
  port: int().min(0).max(65_535).default(8888).describe('Port of /metrics.'),
  without_type_suffix: bool().default(true).describe('Leaves `_total` of counters away.'),
  without_units: bool().default(true).describe('Leaves units as `_bytes` and `_seconds` away.'),
  without_scope_info: bool().default(true).describe('Leaves the `otel_scope_` labels away.'),
  with_resource_constant_labels: optional(includeExclude('resource attributes')).describe(
    'Puts resource attributes on every series.',
  ),
})

export type PrometheusConfig = Infer<typeof prometheus>

const pull = object({
  exporter: object({ prometheus: prometheus.describe('Prometheus scrapes weir.') }),
}).describe('Read by others.')

const periodic = object({
  interval: int().min(1).default(60_000).describe('Milliseconds between two exports.'),
  timeout: int().min(1).default(30_000).describe('Milliseconds for one export.'),
  exporter: object({
    otlp: otlpFields.extend({
      temporality_preference: enumOf(['cumulative', 'delta', 'lowmemory'])
        .default('cumulative')
        .describe('Whether counters tell their sum, or what they grew by.'),
      default_histogram_aggregation: enumOf([
        'explicit_bucket_histogram',
        'base2_exponential_bucket_histogram',
      ])
        .default('explicit_bucket_histogram')
        .describe('The form of histograms.'),
    }),
  }),
}).describe('Sent by weir, every `interval`.')

export type PeriodicConfig = Infer<typeof periodic>

const reader = object({ pull: optional(pull), periodic: optional(periodic) }).check(
  ({ pull: one, periodic: other }) =>
    (one === undefined) === (other === undefined) &&
    'no valid metric reader: expected either pull or periodic',
)

const aggregation = object({
  default: optional(object({})).describe('As without a view.'),
  drop: optional(object({})).describe('Not shown at all.'),
  sum: optional(object({})).describe('The sum.'),
  last_value: optional(object({})).describe('The last value.'),
  explicit_bucket_histogram: optional(
    object({
      boundaries: list(float()).describe('Upper bounds of the buckets, ascending.'),
      record_min_max: bool().default(true).describe('Whether least and greatest are kept.'),
    }),
  ).describe('A histogram of these buckets.'),
})

export type AggregationConfig = Infer<typeof aggregation>

const INSTRUMENTS = [
  'counter',
  'gauge',
  'histogram',
  'observable_counter',
  'observable_gauge',
  'observable_up_down_counter',
  'up_down_counter',
] as const

const view = object({
  selector: object({
    instrument_name: text().optional().describe('Of the metric; `*` and `?` are wildcards.'),
    instrument_type: enumOf(INSTRUMENTS).optional().describe('Kind of instrument.'),
    unit: text().optional().describe('Of the metric.'),
    meter_name: text().optional().describe('Its instrumentation scope.'),
    meter_version: text().optional().describe("The scope's version."),
    meter_schema_url: text().optional().describe("The scope's schema."),
  }).describe('Which metrics.'),
  stream: object({
    name: text().optional().describe('Another name.'),
    description: text().optional().describe('Another description.'),
    aggregation: optional(aggregation).describe('How values are put together.'),
    attribute_keys: optional(includeExclude('labels')).describe('Which labels stay.'),
  }).describe('What becomes of them.'),
}).check(
  ({ selector, stream }) =>
    stream.name !== undefined &&
    (selector.instrument_name === undefined || /[*?]/.test(selector.instrument_name)) &&
    'stream::name needs a selector::instrument_name without wildcards: two metrics cannot share a name',
  'stream',
)

export type ViewConfig = Infer<typeof view>

const NO_READER = 'collector telemetry metrics reader should exist when metric level is not none'
const VIEWS_LEVEL =
  'service::telemetry::metrics::views can only be set when service::telemetry::metrics::level is detailed'

/** What Prometheus finds at localhost:8888 where nothing is configured. */
const DEFAULT_READER = reader.parse({
  pull: { exporter: { prometheus: { with_resource_constant_labels: {} } } },
})

/** `service::telemetry::metrics`. */
export const metricsFields = object({
  level: enumOf(
    ['none', 'basic', 'normal', 'detailed'],
    (found) => `unknown metrics level ${JSON.stringify(found)}`,
  )
    .anyCase()
    .default('normal')
    .describe('How much is shown; `none` opens no port. docs/telemetry.md has every metric.'),
  readers: list(reader)
    .default([DEFAULT_READER])
    .describe('Who reads; if missing: Prometheus, at localhost:8888/metrics.'),
  views: list(view).default([]).describe('Changes to what is shown; only with level `detailed`.'),
})
  .check(({ level, readers }) => level !== 'none' && readers.length === 0 && NO_READER, 'readers')
  .check(({ level, views }) => level !== 'detailed' && views.length > 0 && VIEWS_LEVEL, 'views')
  .describe("weir's own metrics.")

export type MetricsConfig = Infer<typeof metricsFields>
