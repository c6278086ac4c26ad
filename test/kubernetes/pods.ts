import type { Cluster } from './cluster.ts'

export const NAMESPACES = ['shop', 'bank', 'mail', 'maps', 'news'] as const
const AT_ONCE = 8

/** A pod's place in the cluster, from which all of it follows. */
export interface Place {
  readonly name: string
  readonly namespace: string
  readonly node: string
  readonly containerId: string
  readonly ip: string
  readonly deployment: string
}

export const placeOf = (i: number, ofNode: number): Place => ({
  name: `app-${i}-7d4b9c5f6-x${i}`,
  namespace: NAMESPACES[i % NAMESPACES.length] ?? '',
  node: `node-${Math.floor(i / ofNode)}`,
  containerId: i.toString(16).padStart(64, 'c'),
  ip: `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
  deployment: `app-${i}`,
})

const podOf = ({ name, namespace, node, deployment }: Place) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace,
    labels: { app: deployment, 'pod-template-hash': '7d4b9c5f6' },
    annotations: { 'example.com/of': 'what most pods have some of, and nobody asks for' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: `${deployment}-7d4b9c5f6`,
        uid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
        controller: true,
      },
    ],
  },
  spec: {
    nodeName: node,
    containers: [
      {
        name: 'web',
        image: 'registry.example.com/team/app:1.2',
        env: Array.from({ length: 20 }, (_, i) => ({ name: `VARIABLE_${i}`, value: 'some value' })),
      },
    ],
  },
})

const statusOf = ({ ip, containerId }: Place) => ({
  status: {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    startTime: '2026-11-21T08:00:00Z',
    containerStatuses: [
      {
        name: 'web',
        image: 'registry.example.com/team/app:1.2',
        imageID: 'registry.example.com/team/app@sha256:abc',
        containerID: `containerd://${containerId}`,
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-11-21T08:00:00Z' } },
      },
    ],
  },
})

/** As the scheduler and a kubelet would tell of it. */
export async function putPod(cluster: Cluster, place: Place): Promise<void> {
  const pods = `/api/v1/namespaces/${place.namespace}/pods`
  await cluster.ask('POST', pods, podOf(place))
  await cluster.ask('PATCH', `${pods}/${place.name}/status`, statusOf(place))
}

/** A cluster that runs: namespaces, pods as kubelets tell of them. */
export async function fill(cluster: Cluster, places: readonly Place[]): Promise<void> {
  for (const name of NAMESPACES) {
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name } })
  }
  const waiting = places.values()
  const worker = async () => {
    for (const place of waiting) await putPod(cluster, place)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** The token of a service account that may do no more than the README of k8s_attributes says. */
export async function accountFor(cluster: Cluster): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  await cluster.ask('POST', `/api/v1/namespaces/${NAMESPACES[0]}/serviceaccounts`, {
    metadata: { name: 'weir' },
  })
  await cluster.ask('POST', `${rbac}/clusterroles`, {
    metadata: { name: 'weir' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }],
  })
  await cluster.ask('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'weir' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'weir' },
    subjects: [{ kind: 'ServiceAccount', name: 'weir', namespace: NAMESPACES[0] }],
  })
  const made = (await cluster.ask(
    'POST',
    `/api/v1/namespaces/${NAMESPACES[0]}/serviceaccounts/weir/token`,
    { spec: { expirationSeconds: 3600 } },
  )) as { readonly status: { readonly token: string } }
  return made.status.token
}
