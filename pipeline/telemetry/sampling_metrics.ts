import type { SelfMetric } from './self_metric.ts'

const CONTRIB = 'github.com/open-telemetry/opentelemetry-collector-contrib/processor'

const PROBABILISTIC = {
  kind: 'counter',
  level: 'basic',
  scope: `${CONTRIB}/probabilisticsamplerprocessor`,
  labels: ['processor', 'otel.signal', 'policy', 'sampled'],
} as const

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
]
