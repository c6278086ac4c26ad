import type { SelfMetric } from './self_metric.ts'

const CONTRIB = 'github.com/open-telemetry/opentelemetry-collector-contrib'
const COUNTER = { kind: 'counter', level: 'basic' } as const

const BALANCER = {
  ...COUNTER,
  scope: `${CONTRIB}/exporter/loadbalancingexporter`,
  labels: ['exporter', 'resolver'],
} as const

const LATENCY_BUCKETS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]

const REMOTE_WRITE = {
  ...COUNTER,
  scope: `${CONTRIB}/exporter/prometheusremotewriteexporter`,
  labels: ['exporter'],
} as const
const remoteWrite = (name: string) => `otelcol_exporter_prometheusremotewrite_${name}`

const PODS = {
  ...COUNTER,
  scope: `${CONTRIB}/processor/k8sattributesprocessor`,
  labels: ['processor', 'otel.signal'],
} as const

/** Of pods, namespaces and nodes weir hears; the rest it asks for when a pod of theirs shows up. */
const LOOKED_UP = ', as found by asking for it'
const KINDS = [
  ['pod', ''],
  ['namespace', ''],
  ['node', ''],
  ...['replicaset', 'deployment', 'statefulset', 'daemonset', 'job'].map(
    (kind) => [kind, LOOKED_UP] as const,
  ),
] as const

/** What single components count, by the Collector's names. */
export const COMPONENT_METRICS: readonly SelfMetric[] = [
  {
    ...BALANCER,
    name: 'otelcol_loadbalancer_num_resolutions',
    unit: '{resolutions}',
    labels: [...BALANCER.labels, 'success'],
    about: 'Number of times that the backends were asked for.',
  },
  {
    ...BALANCER,
    name: 'otelcol_loadbalancer_num_backend_updates',
    unit: '{updates}',
    about: 'Number of times that the backends were others than before.',
  },
  {
    ...BALANCER,
    kind: 'gauge',
    name: 'otelcol_loadbalancer_num_backends',
    unit: '{backends}',
    labels: ['exporter', 'data_type'],
    about: 'Number of backends now.',
  },
  {
    ...BALANCER,
    name: 'otelcol_loadbalancer_backend_outcome',
    unit: '{outcomes}',
    labels: ['exporter', 'endpoint', 'success'],
    about: 'Number of batches that a backend, or its queue, took or refused.',
  },
  {
    ...BALANCER,
    kind: 'histogram',
    name: 'otelcol_loadbalancer_backend_latency',
    unit: 'ms',
    labels: ['exporter', 'endpoint'],
    buckets: LATENCY_BUCKETS,
    about: 'How long a backend, or its queue, took for a batch.',
  },
  ...(['spans', 'datapoints', 'logs', 'profiles'] as const).map(
    (items): SelfMetric => ({
      ...COUNTER,
      name: `otelcol_processor_filter_${items}_filtered`,
      unit: '1',
      scope: `${CONTRIB}/processor/filterprocessor`,
      labels: ['processor', 'otel.signal', 'filter'],
      about: `Number of ${items} that were filtered out.`,
    }),
  ),
  {
    ...REMOTE_WRITE,
    name: remoteWrite('failed_translations'),
    unit: '1',
    about: 'Number of points that Prometheus has no form for.',
  },
  {
    ...REMOTE_WRITE,
    name: remoteWrite('translated_time_series'),
    unit: '1',
    about: 'Number of series that points became.',
  },
  {
    ...REMOTE_WRITE,
    name: remoteWrite('sent_batches'),
    unit: '{batch}',
    about: 'Number of requests that were sent, again ones too.',
  },
  ...KINDS.flatMap(([kind, how]) =>
    (['added', 'updated', 'deleted'] as const).map(
      (what): SelfMetric => ({
        ...PODS,
        name: `otelcol_otelsvc_k8s_${kind}_${what}`,
        unit: '1',
        about: `Number of times that a ${kind} was ${what}${how}.`,
      }),
    ),
  ),
  {
    ...PODS,
    kind: 'gauge',
    name: 'otelcol_otelsvc_k8s_pod_table_size',
    unit: '1',
    labels: [...PODS.labels, 'data_type'],
    about: 'Number of pods that are known.',
  },
  {
    ...PODS,
    name: 'otelcol_otelsvc_k8s_ip_lookup_miss',
    unit: '1',
    about: 'Number of resources whose address is that of no pod.',
  },
]
