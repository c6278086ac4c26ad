import { duration, enumOf, type Infer, list, object, optional, text } from '../../config/fields.ts'
import { regexpCache } from '../../pipeline/match/fields.ts'
import { expressionFault } from '../../pipeline/regexp.ts'

const TYPES = ['sum', 'histogram', 'exponentialhistogram'] as const

const match = object({
  match_type: enumOf(['', 'strict', 'regexp'])
    .default('')
    .describe(
      'Whether names are compared as they stand (also if empty), or are regular expressions (RE2).',
    ),
  regexp: regexpCache(),
  metrics: list(text()).describe('Names of metrics, or expressions.'),
  metric_types: list(
    enumOf(
      TYPES,
      (found) =>
        `found invalid metric type in include.metric_types: ${found}. Valid values are [${TYPES.join(' ')}]`,
    ).anyCase(),
  ).describe('Types of metrics; none: all.'),
})
  .check(
    ({ match_type, metrics, metric_types }) =>
      match_type !== '' &&
      metrics.length + metric_types.length === 0 &&
      'metrics or metric_types must be supplied if match_type is set',
  )
  .check(({ match_type, metrics }) =>
    match_type === 'regexp' ? expressionFault(metrics) : undefined,
  )

export const schema = object({
  max_staleness: duration()
    .min(0)
    .default(3_600_000)
    .describe('How long the last value of a silent stream is kept; 0: for ever.'),
  initial_value: enumOf(['auto', 'keep', 'drop'])
    .default('auto')
    .describe(
      'The first value of a stream: keep it, drop it, or by auto keep it if it says that it began after weir.',
    ),
  include: optional(match).describe('Only these metrics are converted.'),
  exclude: optional(match).describe('These metrics are not converted.'),
})

export type DeltaConfig = Infer<typeof schema>
export type MatchConfig = Infer<typeof match>
