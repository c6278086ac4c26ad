import type { SelfMetric } from './self_metric.ts'

export const WEIR_SCOPE = 'weir'

const WEIR = { kind: 'counter', level: 'basic', scope: WEIR_SCOPE } as const
const KINDS = ['receiver', 'processor', 'exporter', 'connector'] as const

/** What only weir has. */
export const WEIR_METRICS: readonly SelfMetric[] = [
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
    name: 'weir_receiver_service_bytes',
    unit: 'By',
    level: 'normal',
    labels: ['receiver', 'service', 'in_spans'],
    about:
      'Number of bytes that services moved on connections that have ended, by whether those gave spans.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_service_probe_hits',
    unit: '{hit}',
    level: 'normal',
    labels: ['receiver', 'service'],
    about: 'Number of hits of probes in the processes of a service.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_service_cpu',
    unit: 's',
    level: 'normal',
    labels: ['receiver', 'service'],
    about:
      'CPU time that the processes of a service have used since weir knows them, probes included; of what ends, up to the last look.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_service_probe_cpu',
    unit: 's',
    level: 'normal',
    labels: ['receiver', 'service'],
    about:
      'CPU time that probes took of the processes of a service: hits by what one costs, measured on weir itself and on each 64th hit.',
  },
  {
    ...WEIR,
    name: 'weir_receiver_service_reasons',
    unit: '{event}',
    level: 'normal',
    labels: ['receiver', 'service', 'reason'],
    about: 'Number of times that each reason struck in the processes of a service.',
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
    name: 'weir_receiver_tls_connections',
    kind: 'gauge',
    unit: '{connection}',
    labels: ['receiver', 'data_type'],
    about: 'Number of TCP connections that carry TLS now, read at a library or not.',
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
