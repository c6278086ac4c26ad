import type { Texts } from '../../../pipeline/k8s/objects.ts'
import type { Pod } from '../../../pipeline/k8s/pod.ts'
import type { Found } from '../../../pipeline/k8s/pods.ts'
import { type Workload, workloadOf } from '../../../pipeline/k8s/workload.ts'

/** What Kubernetes tells of the pod that a process is in. */
export interface PodFacts {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly node: string
  /** That the process is in; '' if it is not known yet. */
  readonly container: string
  /** Names of what the pod belongs to. */
  readonly owners: Readonly<Partial<Record<OwnerKind, string>>>
  /** The kind and name of what stands above all others, `Deployment` `cart`; of a pod that nobody owns `Pod` and its own. */
  readonly owner: { readonly kind: string; readonly name: string }
  /** Those of which somebody wants to know. */
  readonly labels: Texts
  readonly annotations: Texts
}

export const OWNER_KINDS = [
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
] as const
export type OwnerKind = (typeof OWNER_KINDS)[number]

export function podFacts({ pod, container = '' }: Found): PodFacts {
  const { uid, name, namespace, node, labels, annotations } = pod
  const workload = workloadOf(pod)
  const owners = ownersOf(workload)
  const owner = ownerOf(pod, workload)
  return { uid, name, namespace, node, container, owners, owner, labels, annotations }
}

function ownersOf(workload: Workload | undefined): PodFacts['owners'] {
  if (workload === undefined) return {}
  const { kind, name, maker } = workload
  const makerKind = kind === 'job' ? 'cronjob' : 'deployment'
  return { [kind]: name, ...(maker !== '' && { [makerKind]: maker }) }
}

function ownerOf({ name, owner }: Pod, workload: Workload | undefined): PodFacts['owner'] {
  if (workload !== undefined && workload.maker !== '') {
    return { kind: workload.kind === 'job' ? 'CronJob' : 'Deployment', name: workload.maker }
  }
  return owner === undefined
    ? { kind: 'Pod', name }
    : { kind: owner.kind ?? '', name: owner.name ?? '' }
}
