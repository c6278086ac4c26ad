import { KubeClient, KubeError } from '../../../pipeline/k8s/client.ts'
import { type AuthType, accessOf } from '../../../pipeline/k8s/kube_config.ts'
import { type Detect, NotHere } from '../detector.ts'
import type { World } from '../world.ts'

export const K8S_ATTRIBUTES = {
  'k8s.node.name': true,
  'k8s.node.uid': true,
  'k8s.cluster.uid': true,
} as const

export interface K8sOptions {
  readonly auth_type: AuthType
  readonly context: string
  readonly node_from_env_var: string
}

const LIMITS = { qps: 50, burst: 50 }

interface Named {
  readonly metadata?: { readonly uid?: string }
}

/** The node and the cluster that weir runs in. */
export const kubernetes: Detect<K8sOptions> = async ({ world, options, wants, signal }) => {
  const client = clientOf(world, options)
  const variable = options.node_from_env_var
  const name = world.env[variable] ?? ''
  const uidOf = async (path: string) => ((await client.get(path, signal)) as Named).metadata?.uid
  try {
    if (name === '' && (wants('k8s.node.name') || wants('k8s.node.uid'))) {
      throw new NotHere(
        `k8s node metadata unavailable: environment variable ${variable} is not set`,
      )
    }
    return {
      'k8s.node.name': name,
      'k8s.node.uid': wants('k8s.node.uid') ? await uidOf(`/api/v1/nodes/${name}`) : undefined,
      'k8s.cluster.uid': wants('k8s.cluster.uid')
        ? await allowed(uidOf('/api/v1/namespaces/kube-system'))
        : undefined,
    }
  } finally {
    client.close()
  }
}

function clientOf({ env }: World, { auth_type, context }: K8sOptions): KubeClient {
  try {
    return new KubeClient({ access: accessOf(auth_type, context, env), ...LIMITS })
  } catch (cause) {
    throw new NotHere((cause as Error).message, { cause })
  }
}

/** Undefined if the service account may not see it. */
async function allowed(work: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof KubeError && (error.status === 401 || error.status === 403))
      return undefined
    throw error
  }
}

/** What the API server calls its version. */
export async function versionOf(world: World, signal: AbortSignal): Promise<string> {
  const client = clientOf(world, {
    auth_type: 'serviceAccount',
    context: '',
    node_from_env_var: '',
  })
  try {
    const version = (await client.get('/version', signal)) as { readonly gitVersion?: string }
    return version.gitVersion ?? ''
  } finally {
    client.close()
  }
}
