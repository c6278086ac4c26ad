import { bool, duration, int, object, text } from '../../config/fields.ts'

/** Options of all that asks Kubernetes, by the names that the k8s_attributes processor has for them. */
export const clientFields = {
  context: text().default('').describe('Of the kubeconfig; empty: the current one.'),
  kube_api_qps: int().min(1).default(5).describe('Requests to the API server in a second.'),
  kube_api_burst: int().min(1).default(10).describe('Requests at once.'),
} as const

export const kubeletFields = object({
  enabled: bool().default(false).describe('Pods from the kubelet, not from the API server.'),
  endpoint: text()
    .default('')
    .describe('Empty: https://<node>:10250, and if it is not known the host.'),
  poll_interval: duration().min(100).default(10_000).describe('Between looks.'),
  insecure_skip_verify: bool().default(false).describe('Accepts any certificate of the kubelet.'),
}).describe('Another source of pods; also taken if the API server forbids pods.')
