import { type Access, accessOf } from '../../../pipeline/k8s/kube_config.ts'
import type { KubernetesConfig } from './fields.ts'

type Env = Readonly<Record<string, string | undefined>>

/** How to reach Kubernetes, and as whom. Throws with what is missing. */
export function kubernetesAccess(config: KubernetesConfig, env: Env = process.env): Access {
  const { auth_type, kubeconfig_path, context } = config
  const file = kubeconfig_path || env['KUBECONFIG'] || ''
  const inPod = file === '' ? 'serviceAccount' : 'kubeConfig'
  const type = auth_type === 'auto' ? inPod : auth_type
  return accessOf(type, context, { ...env, KUBECONFIG: file })
}

const NODE_VARIABLES = ['NODE_NAME', 'K8S_NODE_NAME', 'KUBE_NODE_NAME']

/** The node that this is; '' if nothing tells. */
export function ownNode(
  { node, node_from_env_var: name }: KubernetesConfig,
  env: Env = process.env,
): string {
  const names = name === '' ? NODE_VARIABLES : [name]
  return node || names.map((one) => env[one]).find(Boolean) || ''
}
