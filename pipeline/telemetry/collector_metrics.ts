import { perSignal, type SelfMetric } from './self_metric.ts'

const COLLECTOR = 'go.opentelemetry.io/collector'

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
const FAILED = {
  ...EXPORTER,
  labels: ['exporter', 'error.type', 'error.permanent'],
  detailedLabels: ['error.type', 'error.permanent'],
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
export const COLLECTOR_METRICS: readonly SelfMetric[] = [
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
    FAILED,
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
    name: 'otelcol_processor_batch_batch_send_size_bytes',
    kind: 'histogram',
    unit: 'By',
    level: 'detailed',
    buckets: BYTE_BUCKETS,
    about: 'Number of bytes in a batch that was sent.',
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
