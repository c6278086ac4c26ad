import { bool, duration, enumOf, type Infer, list, object, text } from '../../config/fields.ts'
import { clientFields, kubeletFields } from '../../pipeline/k8s/fields.ts'

/** What `extract::metadata` may name, in the order in which attributes are set. */
export const METADATA = [
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.pod.hostname',
  'k8s.pod.ip',
  'k8s.pod.start_time',
  'k8s.deployment.name',
  'k8s.deployment.uid',
  'k8s.replicaset.name',
  'k8s.replicaset.uid',
  'k8s.daemonset.name',
  'k8s.daemonset.uid',
  'k8s.statefulset.name',
  'k8s.statefulset.uid',
  'k8s.job.name',
  'k8s.job.uid',
  'k8s.cronjob.name',
  'k8s.cronjob.uid',
  'k8s.node.name',
  'k8s.node.uid',
  'k8s.cluster.uid',
  'k8s.container.name',
  'container.id',
  'container.image.name',
  'container.image.tag',
  'container.image.tags',
  'container.image.repo_digests',
  'service.name',
  'service.namespace',
  'service.version',
  'service.instance.id',
] as const

/** What 0 means, too. */
export const DEFAULT_SYNC_MS = 300_000

export type MetadataField = (typeof METADATA)[number]

const DEFAULT: readonly MetadataField[] = [
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.pod.start_time',
  'k8s.deployment.name',
  'k8s.node.name',
  'container.image.name',
  'container.image.tag',
]

export const ORIGINS = [
  'pod',
  'namespace',
  'node',
  'deployment',
  'statefulset',
  'daemonset',
  'job',
] as const
export type Origin = (typeof ORIGINS)[number]

const rules = (what: string) =>
  list(
    object({
      tag_name: text()
        .default('')
        .describe(
          `The attribute; empty: k8s.<from>.${what}.<key>. $$1 and $$name are groups of key_regex, without any of which the attribute is always that.`,
        ),
      key: text().default('').describe('The key of it; or key_regex.'),
      key_regex: text().default('').describe('Of all keys that it matches as a whole (RE2).'),
      from: enumOf(
        ORIGINS,
        (found) =>
          `${found} is not a valid choice for From. Must be one of: pod, deployment, statefulset, daemonset, job, namespace, node`,
      )
        .default('pod')
        .describe('Whose it is.'),
    })
      .check(
        ({ key, key_regex }) => key !== '' && key_regex !== '' && 'only one of key or key_regex',
      )
      .check(
        ({ key, key_regex }) =>
          key === '' && key_regex === '' && 'one of key or key_regex is missing',
      ),
  ).describe(`Of the ${what} of pods and what they belong to.`)

const MAX_SOURCES = 4

const association = object({
  sources: list(
    object({
      from: enumOf(['connection', 'resource_attribute']).describe('Where the value is.'),
      name: text().default('').describe('Of the resource attribute.'),
    }).check(
      ({ from, name }) =>
        from === 'resource_attribute' && name === '' && 'resource_attribute needs a name',
    ),
  )
    .check(
      (sources) =>
        sources.length > MAX_SOURCES && `too many association sources. limit is ${MAX_SOURCES}`,
    )
    .describe('All of them together name the pod.'),
})

const selector = (ops: readonly string[]) =>
  object({
    key: text().nonEmpty().describe('Of the field or label.'),
    value: text().default('').describe('What it is compared with.'),
    op: enumOf(ops, (found) => `'${found}' is not a valid filter operation`)
      .default('equals')
      .describe('How it is compared.'),
  })

const filter = object({
  node: text().default('').describe('Only pods of this node.'),
  node_from_env_var: text().default('').describe('The variable that names the node.'),
  namespace: list(text()).describe('Only pods of these; needs no ClusterRole.'),
  fields: list(selector(['equals', 'not-equals'])).describe('Only pods with these fields.'),
  labels: list(selector(['equals', 'not-equals', 'exists', 'does-not-exist'])).describe(
    'Only pods with these labels.',
  ),
})

export const schema = object({
  auth_type: enumOf(['serviceAccount', 'kubeConfig', 'none'])
    .default('serviceAccount')
    .describe('As whom the API server is asked.'),
  ...clientFields,
  passthrough: bool()
    .default(false)
    .describe('Sets k8s.pod.ip to the address of the sender, and asks nobody.'),
  extract: object({
    metadata: list(enumOf(METADATA, (found) => `"${found}" is not a supported metadata field`))
      .default(DEFAULT)
      .describe('Attributes that are set.'),
    labels: rules('labels'),
    annotations: rules('annotations'),
    otel_annotations: bool()
      .default(false)
      .describe('Sets <attr> by annotations resource.opentelemetry.io/<attr> of pods.'),
    deployment_name_from_replicaset: bool()
      .default(true)
      .describe('Deprecated, and always so: the name follows from the name of the replica set.'),
  }).describe('What is set.'),
  filter: filter.describe('Which pods are known.'),
  pod_association: list(association).describe(
    'How a resource names its pod: the first rule whose sources all have a value. Exact ones (container.id, k8s.pod.uid) are always tried first.',
  ),
  exclude: object({
    pods: list(object({ name: text().nonEmpty().describe('RE2 of the name.') }))
      .default([{ name: 'jaeger-agent' }, { name: 'jaeger-collector' }])
      .describe('Pods that are not known.'),
  }).describe('Which pods are left out.'),
  wait_for_metadata: bool()
    .default(false)
    .describe('Whether the start waits for the first list of pods, and fails without.'),
  wait_for_metadata_timeout: duration()
    .min(0)
    .default(10_000)
    .describe('For the start; and for items whose pod is not known yet.'),
  watch_sync_period: duration()
    .min(0)
    .default(DEFAULT_SYNC_MS)
    .describe('After which watches begin anew, and workloads are asked for again; 0: 5m.'),
  pod_delete_grace_period: duration()
    .min(0)
    .default(120_000)
    .describe('For which a pod that is gone stays known.'),
  kubelet: kubeletFields,
})

export type K8sConfig = Infer<typeof schema>
export type FieldRule = K8sConfig['extract']['labels'][number]
export type Association = K8sConfig['pod_association'][number]
