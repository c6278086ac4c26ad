import type { SelfMetric } from './self_metric.ts'

const CONTRIB = 'github.com/open-telemetry/opentelemetry-collector-contrib/processor'

const PROBABILISTIC = {
  kind: 'counter',
  level: 'basic',
  scope: `${CONTRIB}/probabilisticsamplerprocessor`,
  labels: ['processor', 'otel.signal', 'policy', 'sampled'],
} as const

const TAIL = {
  kind: 'counter',
  level: 'basic',
  scope: `${CONTRIB}/tailsamplingprocessor`,
  labels: ['processor', 'otel.signal'],
} as const
const tail = (name: string) => `otelcol_processor_tail_sampling_${name}`
const DECISION = ['policy', 'sampled', 'decision']
const SECONDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000]
const MILLISECONDS = [
  1, 2, 5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 2000, 3000, 4000, 5000, 10_000,
  20_000, 30_000, 50_000,
]

/** What samplers count, by the Collector's names. */
export const SAMPLING_METRICS: readonly SelfMetric[] = [
  {
    ...PROBABILISTIC,
    name: 'otelcol_processor_probabilistic_sampler_count_traces_sampled',
    unit: '{span}',
    about: 'Number of spans that were judged, by what they were judged by and whether they stay.',
  },
  {
    ...PROBABILISTIC,
    name: 'otelcol_processor_probabilistic_sampler_count_logs_sampled',
    unit: '{record}',
    about: 'Number of log records that were judged, by the same.',
  },
  {
    ...TAIL,
    name: tail('count_traces_sampled'),
    unit: '{traces}',
    labels: [...TAIL.labels, ...DECISION],
    about: 'Number of traces by what each policy said of them.',
  },
  {
    ...TAIL,
    name: tail('global_count_traces_sampled'),
    unit: '{traces}',
    labels: [...TAIL.labels, 'sampled', 'decision'],
    about: 'Number of traces by what was decided.',
  },
  {
    ...TAIL,
    name: tail('new_trace_id_received'),
    unit: '{traces}',
    about: 'Number of traces that began.',
  },
  {
    ...TAIL,
    name: tail('early_releases_from_cache_decision'),
    unit: '{spans}',
    labels: [...TAIL.labels, 'sampled'],
    about: 'Number of late spans whose trace was in a decision cache.',
  },
  {
    ...TAIL,
    name: tail('sampling_policy_evaluation_error'),
    unit: '{errors}',
    about: 'Number of times that a policy could not say anything.',
  },
  {
    ...TAIL,
    name: tail('sampling_trace_dropped_too_early'),
    unit: '{traces}',
    about: 'Number of traces that went undecided, since there were too many or too large ones.',
  },
  {
    ...TAIL,
    name: tail('traces_dropped_too_large'),
    unit: '{traces}',
    about: 'Number of traces that were larger than `maximum_trace_size_bytes`.',
  },
  {
    ...TAIL,
    kind: 'gauge',
    name: tail('sampling_traces_on_memory'),
    unit: '{traces}',
    labels: [...TAIL.labels, 'data_type'],
    about: 'Number of traces that wait, and of decisions that no cache has.',
  },
  {
    ...TAIL,
    kind: 'histogram',
    name: tail('sampling_decision_timer_latency'),
    unit: 'ms',
    buckets: MILLISECONDS,
    about: 'Milliseconds that deciding on the traces of one moment takes.',
  },
  {
    ...TAIL,
    kind: 'histogram',
    name: tail('sampling_late_span_age'),
    unit: 's',
    buckets: SECONDS,
    about: 'Seconds from a decision to a span that comes after it.',
  },
  {
    ...TAIL,
    kind: 'histogram',
    name: tail('sampling_trace_removal_age'),
    unit: 's',
    buckets: SECONDS,
    about: 'Seconds from the first span of a trace to its end in memory.',
  },
  {
    ...TAIL,
    kind: 'gauge',
    scope: 'weir',
    name: 'weir_processor_tail_sampling_waiting_bytes',
    unit: 'By',
    labels: [...TAIL.labels, 'data_type'],
    about: 'Bytes of the spans that wait, as OTLP.',
  },
]
