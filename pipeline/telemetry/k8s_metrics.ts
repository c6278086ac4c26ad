import type { SelfMetric } from './self_metric.ts'

const OWN = {
  kind: 'counter',
  level: 'basic',
  scope: 'weir',
  labels: ['processor', 'otel.signal'],
} as const
const own = (name: string) => `weir_processor_${name}`

/** What every component has that asks Kubernetes for pods. */
const ofPods = (prefix: string, labels: readonly string[]): readonly SelfMetric[] => [
  {
    ...OWN,
    name: `${prefix}k8s_api_requests`,
    unit: '{request}',
    level: 'normal',
    labels,
    about: 'Number of requests to the API server, a watch being one.',
  },
  {
    ...OWN,
    name: `${prefix}k8s_api_failures`,
    unit: '{request}',
    labels: [...labels, 'status'],
    about: 'Number of requests that failed, by status; 0 is no answer.',
  },
]

/** What is counted of Kubernetes, by `k8s_attributes` and by `ebpf`. */
export const K8S_METRICS: readonly SelfMetric[] = [
  ...ofPods('weir_processor_', ['processor', 'otel.signal']),
  ...ofPods('weir_receiver_', ['receiver']),
  {
    ...OWN,
    kind: 'gauge',
    name: 'weir_receiver_k8s_pod_table_size',
    unit: '{pod}',
    labels: ['receiver', 'data_type'],
    about: 'Number of pods that are known.',
  },
  {
    ...OWN,
    name: own('k8s_attributes_hits'),
    unit: '{item}',
    about: 'Number of items whose pod was found.',
  },
  {
    ...OWN,
    name: own('k8s_attributes_misses'),
    unit: '{item}',
    labels: [...OWN.labels, 'reason'],
    about: 'Number of items that went on without a pod, by reason.',
  },
  {
    ...OWN,
    kind: 'gauge',
    name: own('k8s_attributes_waiting_items'),
    unit: '{item}',
    labels: [...OWN.labels, 'data_type'],
    about: 'Number of items that wait for their pod now.',
  },
  {
    ...OWN,
    name: own('k8s_attributes_waiting_full'),
    unit: '{item}',
    about: 'Number of items that did not wait for their pod since too many others did.',
  },
]
