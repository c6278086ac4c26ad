import { OTEL_ANNOTATION } from '../../pipeline/k8s/naming.ts'
import { WORKLOAD_LABELS } from '../../pipeline/k8s/workload.ts'
import type { K8sConfig, MetadataField, Origin } from './config.ts'
import { SERVICE_LABELS } from './describe.ts'
import { type Rules, rulesFor } from './rules.ts'

/** What the settings ask of the cluster: the less, the fewer rights and requests it takes. */
export interface Needs {
  /** Which labels and annotations of pods are kept. */
  readonly keeps: (key: string) => boolean
  readonly namespaces: boolean
  readonly nodes: boolean
  /** Kinds whose labels or annotations are asked for. */
  readonly workloads: ReadonlySet<string>
  readonly deploymentUid: boolean
  readonly cronJobUid: boolean
  readonly clusterUid: boolean
  rules(from: Origin): { readonly labels: Rules; readonly annotations: Rules }
}

const WORKLOADS: readonly Origin[] = ['deployment', 'statefulset', 'daemonset', 'job']

export function needsOf({ extract }: K8sConfig): Needs {
  const has = (field: MetadataField) => extract.metadata.includes(field)
  const origins = new Set([...extract.labels, ...extract.annotations].map(({ from }) => from))
  const rules = (from: Origin) => ({
    labels: rulesFor(extract.labels, from, 'labels'),
    annotations: rulesFor(extract.annotations, from, 'annotations'),
  })
  const ofPods = rules('pod')
  const always = new Set([...WORKLOAD_LABELS, ...SERVICE_LABELS])
  return {
    rules,
    keeps: (key) =>
      always.has(key) ||
      key.startsWith(OTEL_ANNOTATION) ||
      ofPods.labels.wants(key) ||
      ofPods.annotations.wants(key),
    namespaces: origins.has('namespace'),
    nodes: origins.has('node') || has('k8s.node.uid'),
    workloads: new Set(WORKLOADS.filter((kind) => origins.has(kind))),
    deploymentUid: has('k8s.deployment.uid'),
    cronJobUid: has('k8s.cronjob.uid'),
    clusterUid: has('k8s.cluster.uid'),
  }
}
