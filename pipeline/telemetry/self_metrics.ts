import { SAMPLING_METRICS } from './sampling_metrics.ts'

export type MetricsLevel = 'basic' | 'normal' | 'detailed'

const LEVELS: readonly MetricsLevel[] = ['basic', 'normal', 'detailed']

/** Whether a level shows a metric. */
export const isShown = (metric: SelfMetric, level: MetricsLevel): boolean =>
  LEVELS.indexOf(metric.level) <= LEVELS.indexOf(level)

/** One of weir's own metrics. */
export interface SelfMetric {
  readonly name: string
  readonly kind: 'counter' | 'up_down_counter' | 'gauge' | 'histogram'
  /** UCUM, as OpenTelemetry writes units. */
  readonly unit: string
  /** The lowest level that shows it. */
  readonly level: MetricsLevel
  /** The instrumentation scope; the Collector's where the metric is the Collector's, since views select by it. */
  readonly scope: string
  readonly about: string
  readonly labels: readonly string[]
  /** Upper bounds of the buckets of a histogram. */
  readonly buckets?: readonly number[]
}

const COLLECTOR = 'go.opentelemetry.io/collector'
export const WEIR_SCOPE = 'weir'

const SIGNALS = [
  ['spans', '{span}', 'spans'],
  ['metric_points', '{datapoint}', 'data points'],
  ['log_records', '{record}', 'log records'],
  ['profile_samples', '{sample}', 'profile samples'],
] as const

/** One metric for each signal; `about` gets the items' name. */
const perSignal = (
  prefix: string,
  about: (items: string) => string,
  more: Pick<SelfMetric, 'level' | 'scope' | 'labels'>,
): SelfMetric[] =>
  SIGNALS.map(([suffix, unit, items]) => ({
    name: `${prefix}_${suffix}`,
    kind: 'counter',
    unit,
    about: about(items),
    ...more,
  }))

const RECEIVER = {
  level: 'basic',
  scope: `${COLLECTOR}/receiver/receiverhelper`,
  labels: ['receiver', 'transport'],
} as const
const EXPORTER = {
  level: 'basic',
  scope: `${COLLECTOR}/exporter/exporterhelper`,
  labels: ['exporter'],
} as const
const QUEUE = { ...EXPORTER, labels: ['exporter', 'data_type'] } as const
const PROCESSOR = {
  level: 'basic',
  scope: `${COLLECTOR}/processor/processorhelper`,
  labels: ['processor', 'otel.signal'],
} as const
const BATCH = {
  ...PROCESSOR,
  level: 'normal',
  scope: `${COLLECTOR}/processor/batchprocessor`,
} as const
const LIMITER = {
  ...PROCESSOR,
  level: 'normal',
  scope: `${COLLECTOR}/processor/memorylimiterprocessor`,
} as const
const PROCESS = { level: 'basic', scope: `${COLLECTOR}/service`, labels: [] } as const

const ITEM_BUCKETS = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000,
  20_000, 30_000, 50_000, 100_000,
]
const BYTE_BUCKETS = Array.from({ length: 18 }, (_, i) => 128 * 2 ** i)

/** What the Collector has too, by its names: dashboards and alerts for it work on weir. */
const COLLECTOR_METRICS: readonly SelfMetric[] = [
  ...perSignal(
    'otelcol_receiver_accepted',
    (items) => `Number of ${items} that the pipeline took.`,
    RECEIVER,
  ),
  ...perSignal(
    'otelcol_receiver_refused',
    (items) => `Number of ${items} that the pipeline refused: the sender should try again.`,
    RECEIVER,
  ),
  ...perSignal(
    'otelcol_receiver_failed',
    (items) => `Number of ${items} on which the pipeline failed: trying again is of no use.`,
    RECEIVER,
  ),
  {
    ...RECEIVER,
    name: 'otelcol_receiver_requests',
    kind: 'counter',
    unit: '{request}',
    level: 'normal',
    labels: ['receiver', 'transport', 'outcome'],
    about: 'Number of requests by their outcome: success, refused or failure.',
  },
  {
    ...PROCESSOR,
    name: 'otelcol_processor_incoming_items',
    kind: 'counter',
    unit: '{item}',
    about: 'Number of items that were given to the processor.',
  },
  {
    ...PROCESSOR,
    name: 'otelcol_processor_outgoing_items',
    kind: 'counter',
    unit: '{item}',
    about: 'Number of items that the processor handed on.',
  },
  ...perSignal(
    'otelcol_exporter_sent',
    (items) => `Number of ${items} that the destination took.`,
    EXPORTER,
  ),
  ...perSignal(
    'otelcol_exporter_send_failed',
    (items) => `Number of ${items} that could not be sent and were given up.`,
    EXPORTER,
  ),
  ...perSignal(
    'otelcol_exporter_enqueue_failed',
    (items) => `Number of ${items} that the sending queue did not take.`,
    EXPORTER,
  ),
  {
    ...QUEUE,
    name: 'otelcol_exporter_queue_size',
    kind: 'gauge',
    unit: '{batch}',
    about: 'What is in the sending queue now, in units of its sizer.',
  },
  {
    ...QUEUE,
    name: 'otelcol_exporter_queue_capacity',
    kind: 'gauge',
    unit: '{batch}',
    about: 'What the sending queue can hold, in units of its sizer.',
  },
  {
    ...QUEUE,
    name: 'otelcol_exporter_in_flight_requests',
    kind: 'gauge',
    unit: '{request}',
    about: 'Number of requests that are being sent now.',
  },
  {
    ...EXPORTER,
    name: 'otelcol_exporter_queue_batch_send_size',
    kind: 'histogram',
    unit: '{item}',
    level: 'detailed',
    buckets: ITEM_BUCKETS,
    about: 'Number of items in a batch that left the queue.',
  },
  {
    ...EXPORTER,
    name: 'otelcol_exporter_queue_batch_send_size_bytes',
    kind: 'histogram',
    unit: 'By',
    level: 'detailed',
    buckets: BYTE_BUCKETS,
    about: 'Number of bytes in a batch that left the queue.',
  },
  {
    ...EXPORTER,
    name: 'otelcol_exporter_enqueue_size',
    kind: 'histogram',
    unit: '{item}',
    level: 'detailed',
    buckets: ITEM_BUCKETS,
    about: 'Number of items in a batch that was given to the queue.',
  },
  {
    ...EXPORTER,
    name: 'otelcol_exporter_enqueue_size_bytes',
    kind: 'histogram',
    unit: 'By',
    level: 'detailed',
    buckets: BYTE_BUCKETS,
    about: 'Number of bytes in a batch that was given to the queue.',
  },
  {
    ...BATCH,
    name: 'otelcol_processor_batch_batch_size_trigger_send',
    kind: 'counter',
    unit: '{time}',
    about: 'Number of times that a batch was sent since it was full.',
  },
  {
    ...BATCH,
    name: 'otelcol_processor_batch_timeout_trigger_send',
    kind: 'counter',
    unit: '{time}',
    about: 'Number of times that a batch was sent since its time was over.',
  },
  {
    ...BATCH,
    name: 'otelcol_processor_batch_batch_send_size',
    kind: 'histogram',
    unit: '{item}',
    buckets: ITEM_BUCKETS,
    about: 'Number of items in a batch that was sent.',
  },
  {
    ...BATCH,
    name: 'otelcol_processor_batch_metadata_cardinality',
    kind: 'up_down_counter',
    unit: '{combination}',
    about: 'Number of combinations of metadata values that have a batch of their own.',
  },
  ...perSignal(
    'otelcol_processor_memory_limiter_accepted',
    (items) => `Number of ${items} that passed the memory limiter.`,
    LIMITER,
  ),
  ...perSignal(
    'otelcol_processor_memory_limiter_refused',
    (items) => `Number of ${items} that were refused since memory was short.`,
    LIMITER,
  ),
  {
    ...PROCESS,
    name: 'otelcol_process_uptime',
    kind: 'counter',
    unit: 's',
    about: 'Seconds since the process began.',
  },
  {
    ...PROCESS,
    name: 'otelcol_process_cpu_seconds',
    kind: 'counter',
    unit: 's',
    about: 'Seconds of CPU time that the process has used, in user and kernel mode.',
  },
  {
    ...PROCESS,
    name: 'otelcol_process_memory_rss',
    kind: 'gauge',
    unit: 'By',
    about: 'Resident memory of the process.',
  },
  {
    ...PROCESS,
    name: 'otelcol_process_runtime_heap_alloc_bytes',
    kind: 'gauge',
    unit: 'By',
    about: "Bytes in use on JavaScript's heap.",
  },
  {
    ...PROCESS,
    name: 'otelcol_process_runtime_total_alloc_bytes',
    kind: 'counter',
    unit: 'By',
    about:
      "Bytes that were ever allocated on JavaScript's heap. Only on a Node that knows: 24 or newer.",
  },
  {
    ...PROCESS,
    name: 'otelcol_process_runtime_total_sys_memory_bytes',
    kind: 'gauge',
    unit: 'By',
    about: "Bytes that JavaScript's runtime has from the system: heap and buffers.",
  },
]

const WEIR = { kind: 'counter', level: 'basic', scope: WEIR_SCOPE } as const
const KINDS = ['receiver', 'processor', 'exporter', 'connector'] as const

/** What only weir has. */
const WEIR_METRICS: readonly SelfMetric[] = [
  ...KINDS.map((kind) => ({
    ...WEIR,
    name: `weir_${kind}_dropped_items`,
    unit: '{item}',
    labels: [kind, 'reason'],
    about: `Number of items that the ${kind} lost, by reason.`,
  })),
  {
    ...WEIR,
    name: 'weir_exporter_storage_damaged_batches',
    unit: '{batch}',
    labels: ['exporter'],
    about: 'Number of batches in a queue on disk that could not be read any more.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_repaired_items',
    unit: '{item}',
    labels: ['receiver', 'what'],
    about: 'Number of items or attributes that were repaired or left out, by what was wrong.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_rejected_requests',
    unit: '{request}',
    labels: ['receiver', 'reason'],
    about: 'Number of requests that were refused for good, by reason.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_refused_requests',
    unit: '{request}',
    labels: ['receiver', 'reason'],
    about: 'Number of requests that were refused unread and should come again, by reason.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_exchanges_seen',
    unit: '{exchange}',
    labels: ['receiver'],
    about:
      'Number of exchanges that `ebpf` saw: exported, waiting, dropped and skipped ones together.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_exchanges_exported',
    unit: '{exchange}',
    labels: ['receiver'],
    about: 'Number of exchanges that `ebpf` made a span of, which the pipeline took.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_skipped_items',
    unit: '{item}',
    labels: ['receiver', 'reason'],
    about: 'Number of exchanges that gave no span since a rule says so, by reason.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_notes',
    unit: '{event}',
    level: 'normal',
    labels: ['receiver', 'reason'],
    about: 'Number of events that lost nothing by themselves but explain something, by reason.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_connections',
    kind: 'gauge',
    unit: '{connection}',
    labels: ['receiver', 'data_type'],
    about: 'Number of connections that `ebpf` follows now.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_processes',
    kind: 'gauge',
    unit: '{process}',
    labels: ['receiver', 'data_type'],
    about: 'Number of processes that `ebpf` knows now.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_ring_pending_bytes',
    kind: 'gauge',
    unit: 'By',
    labels: ['receiver', 'data_type'],
    about: 'Bytes that wait in the rings of `ebpf` to be read.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_features_missing',
    kind: 'gauge',
    unit: '{feature}',
    labels: ['receiver', 'data_type'],
    about: 'Number of features that a source of `ebpf` could not bring up; the log names each.',
  },
  {
    ...WEIR,
    name: 'weir_config_skipped_components',
    unit: '{component}',
    labels: [],
    about: 'Number of components that `--skip-unsupported` left out.',
  },
  {
    ...WEIR,
    name: 'weir_uncaught_errors',
    unit: '{error}',
    labels: [],
    about: 'Number of errors that nothing expected: each is a bug.',
  },
  {
    ...WEIR,
    name: 'weir_log_dropped_lines',
    unit: '{line}',
    labels: [],
    about: 'Number of lines that the sampling of the log left out.',
  },
]

/** Every metric that weir has of itself. */
export const SELF_METRICS: readonly SelfMetric[] = [
  ...COLLECTOR_METRICS,
  ...SAMPLING_METRICS,
  ...WEIR_METRICS,
]

const BY_NAME = new Map(SELF_METRICS.map((metric) => [metric.name, metric]))

/** A metric and the label that its counter's name stands for. */
export interface Exposed {
  readonly metric: SelfMetric
  readonly label?: readonly [name: string, value: string]
}

const PREFIXES: readonly (readonly [prefix: string, name: string, label: string])[] = [
  ['dropped_or_repaired_', 'repaired_items', 'what'],
  ['dropped_', 'dropped_items', 'reason'],
  ['skipped_', 'skipped_items', 'reason'],
  ['noted_', 'notes', 'reason'],
  ['refused_requests_', 'refused_requests', 'reason'],
  ['rejected_requests_', 'rejected_requests', 'reason'],
]

/**
 * What a counter or gauge is shown as: the Collector's names stay, `otelcol_exporter_dropped_timeout` is
 * `weir_exporter_dropped_items{reason="timeout"}`, and what is in no table is `weir_...`.
 */
export function exposedAs(name: string, kind: 'counter' | 'gauge' | 'histogram'): Exposed {
  const known = BY_NAME.get(name)
  if (known !== undefined) return { metric: known }
  const [, owner, rest = name] = /^otelcol_([a-z]+)_(.*)$/.exec(name) ?? []
  const found = PREFIXES.find(([prefix]) => rest.startsWith(prefix))
  if (owner === undefined || found === undefined) {
    const own = name.replace(/^otelcol_/, 'weir_')
    return { metric: BY_NAME.get(own) ?? unlisted(own, kind) }
  }
  const [prefix, family, label] = found
  const own = `weir_${owner}_${family}`
  return {
    metric: BY_NAME.get(own) ?? unlisted(own, kind),
    label: [label, rest.slice(prefix.length)],
  }
}

const unlisted = (name: string, kind: SelfMetric['kind']): SelfMetric => ({
  name,
  kind,
  unit: '',
  level: 'normal',
  scope: WEIR_SCOPE,
  about: 'Told by a component: see its README.',
  labels: [],
})
