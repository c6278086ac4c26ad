import {
  bool,
  duration,
  enumOf,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { compileExpression } from '../../pipeline/regexp.ts'
import { dottedGlob } from './glob.ts'

export const INSTANCE = 'collector.instance.id'
export const DEFAULT_DIMENSIONS = ['service.name', 'span.name', 'span.kind', 'status.code']

const MS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000]
const DELTA = 'AGGREGATION_TEMPORALITY_DELTA'
const CUMULATIVE = 'AGGREGATION_TEMPORALITY_CUMULATIVE'
const NULL_IS_ABSENT = { absent: 'off', nullIsAbsent: true } as const
const MAX_BUCKETS = 160

const dimensions = (about: string, which = 'dimensions') =>
  list(
    object({
      name: text().default('').describe('An attribute of the span, or else of its resource.'),
      glob: text()
        .default('')
        .describe(
          'All attributes whose names match, in the place of one name: * stops at dots, ** does not.',
        ),
      default: text()
        .optional()
        .describe('Where there is no such attribute; without it the label is left out.'),
    })
      .check(
        ({ name, glob }) =>
          (name === '') === (glob === '') && 'a dimension has either a name or a glob',
      )
      .check(
        ({ glob, default: fallback }) =>
          glob !== '' &&
          fallback !== undefined &&
          `\`default\` is not supported on \`glob\` dimension "${glob}"`,
      ),
  )
    .describe(about)
    .check((found) => {
      const fault = faultOf(found)
      return fault && `failed validating ${which}: ${fault}`
    })

/** A name twice, also by a pattern, or a pattern that is none. */
function faultOf(
  found: readonly { readonly name: string; readonly glob: string }[],
): string | undefined {
  const names = [
    ...DEFAULT_DIMENSIONS,
    INSTANCE,
    ...found.map(({ name }) => name).filter((name) => name !== ''),
  ]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) return `duplicate dimension name "${twice}"`
  for (const { glob } of found.filter((one) => one.glob !== '')) {
    try {
      const expression = compileExpression(dottedGlob(glob))
      const matched = names.find((name) => expression.test(name))
      if (matched !== undefined)
        return `duplicate dimension name "${matched}" conflicting with glob "${glob}"`
    } catch (error) {
      return `invalid dimension glob "${glob}": ${messageOf(error)}`
    }
  }
  return undefined
}

export const schema = object({
  namespace: text()
    .default('traces.span.metrics')
    .describe('Before the names of metrics; may be empty.'),
  histogram: object({
    disable: bool().default(false).describe('Whether there is no metric of durations.'),
    unit: enumOf(['ms', 's']).default('ms').describe('Of durations.'),
    explicit: optional(
      object({
        buckets: list(duration()).default(MS).describe('Upper bounds of the buckets.'),
      }),
      NULL_IS_ABSENT,
    ).describe('Buckets with given bounds; so it is without exponential.'),
    exponential: optional(
      object({
        max_size: int().min(0).default(0).describe('Buckets at most; 0: 160.'),
      }),
      NULL_IS_ABSENT,
    ).describe('Buckets whose bounds follow the values.'),
    dimensions: dimensions('Labels of durations alone.', 'histogram dimensions'),
  })
    .describe('Durations of spans.')
    .check(
      ({ explicit, exponential }) =>
        explicit !== undefined &&
        exponential !== undefined &&
        'use either `explicit` or `exponential` buckets histogram',
    ),
  dimensions: dimensions('Labels beside service.name, span.name, span.kind and status.code.'),
  calls_dimensions: dimensions('Labels of calls alone.', 'calls dimensions'),
  exclude_dimensions: list(text()).describe('Labels that are left out.'),
  aggregation_temporality: enumOf([CUMULATIVE, DELTA])
    .default(CUMULATIVE)
    .describe('Whether metrics count since their start or since they were last sent.'),
  metrics_flush_interval: duration().min(1).default(60_000).describe('How often metrics are sent.'),
  metrics_expiration: duration()
    .min(0)
    .default(0)
    .describe('Metrics of a resource without spans for so long go; 0: never.'),
  series_expiration: duration()
    .min(0)
    .default(0)
    .describe('A series without spans for so long goes; 0: never.'),
  aggregation_cardinality_limit: int()
    .min(0)
    .default(10_000)
    .describe(
      'Series of one metric and resource; what comes beyond counts as otel.metric.overflow. 0: no limit.',
    ),
  resource_metrics_cache_size: int()
    .min(1)
    .default(1000)
    .describe('Resources at most; the one longest without spans goes.'),
  metric_timestamp_cache_size: int()
    .min(0)
    .default(1000)
    .describe('Series of deltas at most whose last time is known, from which the next one begins.'),
  resource_metrics_key_attributes: list(text()).describe(
    'Attributes by which resources are told apart; none: all of them.',
  ),
  add_resource_attributes: bool()
    .default(false)
    .describe(
      'Metrics have the attributes of their resource in any case, as with the defaults of the Collector.',
    ),
  dimensions_cache_size: int().min(0).default(0).describe('Not used any more; weir says so.'),
  include_instrumentation_scope: list(text()).describe(
    'Scopes whose name and version become the labels span.instrumentation.scope.name and .version; none: no scope.',
  ),
  enable_metrics_sampling_method: bool()
    .default(false)
    .describe(
      'Adds sampling.method: extrapolated where the tracestate has a threshold, else counted.',
    ),
  exemplars: object({
    enabled: bool().default(false).describe('Whether points name spans.'),
    max_per_data_point: int().min(0).default(5).describe('Spans that a point names.'),
  }).describe('Spans as examples.'),
  events: object({
    enabled: bool().default(false).describe('Whether events are counted.'),
    dimensions: dimensions(
      'Labels of events: attributes of the span, or else of the event, or else of the resource.',
      'event dimensions',
    ),
  })
    .describe('Counts of span events.')
    .check(
      ({ enabled, dimensions: found }) =>
        enabled && found.length === 0 && 'no dimensions configured for events',
    ),
}).check(
  (config) =>
    isDelta(config) &&
    config.metric_timestamp_cache_size === 0 &&
    'invalid delta timestamp cache size: 0, the maximum number of the items in the cache should be positive',
  'metric_timestamp_cache_size',
)

export type SpanMetricsConfig = Infer<typeof schema>
export type DimensionConfig = SpanMetricsConfig['dimensions'][number]

export const isDelta = (config: { readonly aggregation_temporality: string }): boolean =>
  config.aggregation_temporality === DELTA

/** Of an exponential histogram, at most. */
export const maxBuckets = ({ histogram }: SpanMetricsConfig): number =>
  histogram.exponential?.max_size || MAX_BUCKETS

/** Upper bounds of the durations, in their unit; undefined if the histogram is exponential. */
export function boundsOf({ histogram }: SpanMetricsConfig): readonly number[] | undefined {
  if (histogram.exponential !== undefined) return undefined
  const ms = histogram.explicit?.buckets ?? MS
  return ms.map((bound) => (histogram.unit === 's' ? bound / 1000 : bound))
}
