import {
  bool,
  duration,
  enumOf,
  float,
  type Infer,
  int,
  list,
  object,
  optional,
  size,
  text,
} from '../../config/fields.ts'
import { ERROR_MODES } from '../../pipeline/ottl/run.ts'

const count = () => int().min(0)

/** What each kind of policy has to know, by the type that it is named after. */
export const sections = {
  latency: object({
    threshold_ms: int().default(0).describe('Longer traces are kept.'),
    upper_threshold_ms: int().default(0).describe('But none that are longer than this; 0: any.'),
  }),
  numeric_attribute: object({
    key: text().default('').describe('Attribute of a span or resource.'),
    min_value: int().default(0).describe('Least value that matches; 0: no bound.'),
    max_value: int().default(0).describe('Largest value that matches; 0: no bound.'),
    invert_match: bool().default(false).describe('Kept are traces where nothing matches.'),
  }).check(
    ({ min_value, max_value }) =>
      min_value === 0 &&
      max_value === 0 &&
      'at least one of min_value or max_value must be set, and not to 0',
  ),
  probabilistic: object({
    hash_salt: text().default('').describe('Hashed before the trace id; agents share it.'),
    sampling_percentage: float().default(0).describe('Of the traces.'),
  }),
  status_code: object({
    status_codes: list(
      enumOf(
        ['OK', 'ERROR', 'UNSET'],
        (found) => `unknown status code ${JSON.stringify(found)}, supported: OK, ERROR, UNSET`,
      ),
    )
      .check((codes) => codes.length === 0 && 'expected at least one status code to filter on')
      .describe('Kept are traces with a span of one of these.'),
  }),
  string_attribute: object({
    key: text().default('').describe('Attribute of a span or resource.'),
    values: list(text()).describe('Texts, or expressions (RE2), of which one has to match.'),
    enabled_regex_matching: bool().default(false).describe('Whether they are expressions.'),
    cache_max_size: count()
      .default(0)
      .describe('No effect: of 1024 texts weir remembers whether they match.'),
    invert_match: bool().default(false).describe('Kept are traces where nothing matches.'),
  }),
  rate_limiting: object({
    spans_per_second: count().default(0).describe('Spans that are kept in a second.'),
    burst_capacity: count().default(0).describe('Spans at once; 0 is twice as many.'),
  }),
  bytes_limiting: object({
    bytes_per_second: count().default(0).describe('Bytes of OTLP that are kept in a second.'),
    burst_capacity: count().default(0).describe('Bytes at once; 0 is twice as many.'),
  }),
  span_count: object({
    min_spans: int().default(0).describe('Least number of spans of a trace that is kept.'),
    max_spans: int().default(0).describe('Largest number; 0: any.'),
  }),
  trace_state: object({
    key: text().default('').describe('Member of the tracestate.'),
    values: list(text()).describe('Of which one has to be its value.'),
  }),
  boolean_attribute: object({
    key: text().default('').describe('Attribute of a span or resource.'),
    value: bool().default(false).describe('Its value in traces that are kept.'),
    invert_match: bool().default(false).describe('Kept are traces where nothing matches.'),
  }),
  ottl_condition: object({
    error_mode: enumOf(ERROR_MODES)
      .default('propagate')
      .describe('What a condition that fails does: propagate: the policy says nothing.'),
    span: list(text()).describe('Conditions on spans; kept are traces where one is true.'),
    spanevent: list(text()).describe('Conditions on events of spans.'),
  }).check(
    ({ span, spanevent }) =>
      span.length + spanevent.length === 0 && 'expected at least one OTTL condition to filter on',
  ),
} as const

/** Types that have no settings. */
const PLAIN = ['always_sample', 'trace_flags'] as const
const LEAVES = [
  ...PLAIN,
  'latency',
  'numeric_attribute',
  'probabilistic',
  'status_code',
  'string_attribute',
  'rate_limiting',
  'bytes_limiting',
  'span_count',
  'trace_state',
  'boolean_attribute',
  'ottl_condition',
] as const

const typeOf = <const T extends string>(more: readonly T[]) =>
  enumOf<(typeof LEAVES)[number] | T>(
    [...LEAVES, ...more],
    (found) => `unknown sampling policy type ${found}`,
  ).describe('What it decides by.')

const leaf = {
  name: text().default('').describe('In counters and the log.'),
  latency: optional(sections.latency).describe('By duration: last end less first start.'),
  numeric_attribute: optional(sections.numeric_attribute).describe('By a whole number.'),
  probabilistic: optional(sections.probabilistic).describe('By a hash of the trace id.'),
  status_code: optional(sections.status_code).describe('By the status of spans.'),
  string_attribute: optional(sections.string_attribute).describe('By a text.'),
  rate_limiting: optional(sections.rate_limiting).describe('By spans in a second.'),
  bytes_limiting: optional(sections.bytes_limiting).describe('By bytes in a second.'),
  span_count: optional(sections.span_count).describe('By the number of spans.'),
  trace_state: optional(sections.trace_state).describe('By the tracestate of spans.'),
  boolean_attribute: optional(sections.boolean_attribute).describe('By a bool.'),
  ottl_condition: optional(sections.ottl_condition).describe('By conditions of OTTL.'),
}

const negated = object({ ...leaf, type: typeOf([]) })

const not = optional(
  object({ not_sub_policy: negated.describe('The policy that must not match.') }),
)
const inAnd = object({
  ...leaf,
  type: typeOf(['not']),
  not: not.describe('Of type not: what must not match.'),
})

const and = optional(
  object({ and_sub_policy: list(inAnd).describe('Policies that must all match.') }),
)
const inComposite = object({
  ...leaf,
  type: typeOf(['and']),
  and: and.describe('Of type and: what must match.'),
})

const composite = object({
  max_total_spans_per_second: count().default(0).describe('Of all of them together.'),
  policy_order: list(text()).describe(
    'No effect, as in the Collector: they are asked as they stand.',
  ),
  composite_sub_policy: list(inComposite).describe('The first that matches decides.'),
  rate_allocation: list(
    object({
      policy: text().describe('Name of one of them.'),
      percent: count().default(0).describe('Its share of the total; 0 is an equal share.'),
    }),
  ).describe('Who gets how much; who is not named gets an equal share.'),
})

const policy = object({
  ...leaf,
  type: typeOf(['and', 'not', 'drop', 'composite']),
  and: and.describe('Of type and: what must match.'),
  not: not.describe('Of type not: what must not match.'),
  drop: optional(
    object({ drop_sub_policy: list(inAnd).describe('Policies that must all match.') }),
  ).describe('Of type drop: what makes a trace go, whatever others say.'),
  composite: optional(composite).describe('Of type composite: policies that share a rate.'),
})

export type LeafConfig = Infer<typeof negated>
export type AndPartConfig = Infer<typeof inAnd>
export type CompositeConfig = Infer<typeof composite>
export type CompositePartConfig = Infer<typeof inComposite>
export type PolicyConfig = Infer<typeof policy>

const MAX_SHARDS = 256

export const schema = object({
  policies: list(policy)
    .check((found) => found.some(({ name }) => name === '') && 'policy name cannot be empty')
    .check((found) => {
      const names = found.map(({ name }) => name)
      const twice = names.find((name, i) => names.indexOf(name) !== i)
      return twice !== undefined && `duplicate policy name ${JSON.stringify(twice)}`
    })
    .describe('A trace is kept if one of them says so, and none of type drop says otherwise.'),
  decision_wait: duration()
    .min(0)
    .default(30_000)
    .describe('From the first span of a trace to its decision.'),
  decision_wait_after_root_received: duration()
    .min(0)
    .default(0)
    .describe('From its root span to its decision, if that is sooner; 0: does not count.'),
  num_traces: count()
    .default(50_000)
    .describe('Traces that are known at once; above it the oldest goes, undecided if need be.'),
  max_bytes: size()
    .min(1 << 16)
    .default(256 << 20)
    .describe("Bytes of waiting spans; above it the oldest trace goes. weir's own."),
  maximum_trace_size_bytes: count()
    .default(0)
    .describe('Larger traces are not kept; 0 is no limit.'),
  block_on_overflow: bool()
    .default(false)
    .describe('Above the limits senders wait, and no trace goes undecided.'),
  expected_new_traces_per_sec: count()
    .default(0)
    .describe('A hint to reserve memory, of which weir has no need.'),
  decision_cache: object({
    sampled_cache_size: count().default(0).describe('Ids of kept traces, for late spans.'),
    non_sampled_cache_size: count().default(0).describe('Ids of others, for late spans.'),
  }).describe('What is remembered beyond num_traces.'),
  sample_on_first_match: bool()
    .default(false)
    .describe('Whether policies after the first that matches are left out.'),
  sampling_strategy: enumOf(
    ['trace-complete', 'span-ingest'],
    (found) =>
      `invalid sampling_strategy ${JSON.stringify(found)}, expected one of "trace-complete" or "span-ingest"`,
  )
    .default('trace-complete')
    .describe('span-ingest: decides as spans come, by what one batch shows.'),
  drop_pending_traces_on_shutdown: bool()
    .default(false)
    .describe('Whether waiting traces go at the end; else they are decided.'),
  num_shards: count()
    .default(1)
    .check((found) => found > MAX_SHARDS && `num_shards (${found}) must not exceed ${MAX_SHARDS}`)
    .describe('No effect: one thread decides, and the result is the same.'),
})

export type TailConfig = Infer<typeof schema>
