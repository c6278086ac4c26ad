import { type Expanded, show } from '../../../config/expanded.ts'
import { duration, enumOf, type Infer, list, object, text } from '../../../config/fields.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from '../../../config/schema.ts'
import { clientFields, kubeletFields } from '../../../pipeline/k8s/fields.ts'
import {
  INSTANCE_LABEL,
  NAME_LABEL,
  PART_OF_LABEL,
  VERSION_LABEL,
} from '../../../pipeline/k8s/naming.ts'

import { unusedFields } from '../unused_fields.ts'

const ENABLE = ['autodetect', 'true', 'false'] as const
type Enable = (typeof ENABLE)[number]

/** A bool, or a text beside it. */
class EnableSchema extends Schema<Enable> {
  protected convert(node: Expanded, reader: Reader): Enable | Invalid {
    const found = ENABLE.find((one) => one === String(node.value))
    return found ?? reader.error(`expected one of ${ENABLE.join(', ')}, got ${show(node)}`)
  }

  protected shape(): JsonSchema {
    return { enum: ['autodetect', true, false] }
  }
}

/** Keys of OBI's `attributes.kubernetes` that do nothing here. */
export const UNUSED_KUBERNETES = {
  disable_informers: 'pods alone are watched',
  drop_external: 'there are no network flows',
  meta_cache_address: 'weir asks the API server or the kubelet itself, for one node',
  meta_restrict_local_node: 'only pods of the node are watched, if its name is known',
  meta_source_labels: 'see resource_labels',
  reconnect_initial_interval: 'weir tries again after 0.5 s, and then ever later, up to 30 s',
  service_name_template: 'see resource_labels',
} as const

const labelsOf = (what: string, keys: readonly string[]) =>
  list(text().nonEmpty()).default(keys).describe(`Labels of pods that give it ${what}.`)

/** The section `attributes::kubernetes`: OBI's names, and beside them those of the k8s_attributes processor. */
export const kubernetesFields = object({
  enable: new EnableSchema()
    .default('autodetect')
    .describe(
      'Whether Kubernetes is asked about pods; `autodetect`: if a selector needs more than the node itself tells.',
    ),
  auth_type: enumOf(['auto', 'serviceAccount', 'kubeConfig', 'none'])
    .default('auto')
    .describe(
      'As whom; `auto`: by a kubeconfig if kubeconfig_path or KUBECONFIG names one, else by the service account of the pod.',
    ),
  kubeconfig_path: text().default('').describe('File that says where the API server is.'),
  ...clientFields,
  node: text().default('').describe('Only pods of this node.'),
  node_from_env_var: text()
    .default('')
    .describe(
      'The variable that names the node; empty: the first of NODE_NAME, K8S_NODE_NAME and KUBE_NODE_NAME that is set.',
    ),
  informers_sync_timeout: duration()
    .min(0)
    .default(10_000)
    .describe('How long a process waits for its pod to be known.'),
  informers_resync_period: duration()
    .min(1000)
    .default(300_000)
    .describe('After which a watch begins anew.'),
  kubelet: kubeletFields,
  cluster_name: text().default('').describe('`k8s.cluster.name` of what runs in pods.'),
  resource_labels: object({
    'service.name': labelsOf('its name', [INSTANCE_LABEL, NAME_LABEL]),
    'service.namespace': labelsOf('its namespace', [PART_OF_LABEL]),
    'service.version': labelsOf('its version', [VERSION_LABEL]),
  }).describe('How labels of a pod name the service: the first that it has.'),
}).extend(unusedFields(UNUSED_KUBERNETES))

export type KubernetesConfig = Infer<typeof kubernetesFields>
