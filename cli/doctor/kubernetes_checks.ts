import type { PipelineConfig } from '../../pipeline/graph_config.ts'
import { FORBIDDEN, KubeClient, KubeError } from '../../pipeline/k8s/client.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { asksOfConfig } from '../../receivers/ebpf/factory.ts'
import { kubernetesAccess, ownNode } from '../../receivers/ebpf/kubernetes/access.ts'
import type { KubernetesConfig } from '../../receivers/ebpf/kubernetes/fields.ts'
import { type Check, degraded, ok } from './check.ts'

const NAME = 'Kubernetes: pods'
const TIMEOUT_MS = 10_000

type Receivers = Pick<PipelineConfig, 'receivers' | 'pipelines'>

/** Asks for pods as the ebpf receiver would; nothing if it would not. */
export async function kubernetesChecks({ receivers, pipelines }: Receivers): Promise<Check[]> {
  const used = new Set([...pipelines.values()].flatMap((pipeline) => pipeline.receivers))
  const asked = [...receivers].flatMap(([id, { factory, config }]) =>
    used.has(id) && factory.type === 'ebpf' ? (asksOfConfig(config) ?? []) : [],
  )
  return Promise.all(asked.map(tryPods))
}

async function tryPods(config: KubernetesConfig): Promise<Check> {
  const lost = (why: string, fix: string) =>
    degraded(NAME, `selectors by owners, labels and annotations match nothing: ${why}`, fix)
  const node = ownNode(config)
  let client: KubeClient | undefined
  try {
    client = new KubeClient({ access: kubernetesAccess(config), qps: 5, burst: 5 })
    const query = new URLSearchParams({ limit: '1' })
    if (node !== '') query.set('fieldSelector', `spec.nodeName=${node}`)
    await client.get(`/api/v1/pods?${query}`, AbortSignal.timeout(TIMEOUT_MS))
    if (node !== '') return ok(NAME, `told, of node ${node}`)
    return degraded(
      NAME,
      'those of all nodes would be watched, for the name of this one is not known',
      'set the variable NODE_NAME by fieldRef spec.nodeName, or attributes::kubernetes::node',
    )
  } catch (error) {
    return lost(messageOf(error), fixOf(error))
  } finally {
    client?.close()
  }
}

function fixOf(error: unknown): string {
  if (!(error instanceof KubeError)) {
    return 'set attributes::kubernetes::kubeconfig_path, or run weir in a pod with a service account'
  }
  return error.status === FORBIDDEN
    ? 'allow the service account to list and watch pods: deploy/kubernetes has the ClusterRole'
    : 'look at the address of the API server, at certificates and firewalls'
}
