import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'

/** How to reach an API server, and as whom. */
export interface Access {
  readonly server: URL
  /** PEM; undefined trusts what the system trusts. */
  readonly ca: string | undefined
  readonly skipVerify: boolean
  readonly cert: string | undefined
  readonly key: string | undefined
  /** Read anew when the server refuses it: Kubernetes changes such tokens while pods run. */
  readonly tokenFile: string | undefined
  readonly token: string | undefined
}

export type AuthType = 'serviceAccount' | 'kubeConfig' | 'none'

/** Where Kubernetes puts what a pod needs. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

const PLAIN = {
  ca: undefined,
  skipVerify: false,
  cert: undefined,
  key: undefined,
  tokenFile: undefined,
  token: undefined,
} as const

type Env = Readonly<Record<string, string | undefined>>

/** Throws with what is missing. `directory` is that of the service account. */
export function accessOf(
  type: AuthType,
  context = '',
  env: Env = process.env,
  directory = SERVICE_ACCOUNT,
): Access {
  if (type === 'kubeConfig') return fromKubeConfig(context, env)
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? ''
  if (host === '' || port === '') {
    throw new Error(
      'unable to load k8s config, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined: weir is in no pod; auth_type kubeConfig works outside',
    )
  }
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  if (type === 'none') return { ...PLAIN, server, skipVerify: true }
  const tokenFile = path.join(directory, 'token')
  const ca = path.join(directory, 'ca.crt')
  if (!existsSync(tokenFile)) {
    throw new Error(
      `service account: ${tokenFile} is not there: is automountServiceAccountToken off?`,
    )
  }
  return {
    ...PLAIN,
    server,
    tokenFile,
    ca: existsSync(ca) ? readFileSync(ca, 'utf8') : undefined,
  }
}

interface Named {
  readonly name?: string
}

interface KubeConfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly (Named & { context?: { cluster?: string; user?: string } })[]
  readonly clusters?: readonly (Named & { cluster?: Readonly<Record<string, unknown>> })[]
  readonly users?: readonly (Named & { user?: Readonly<Record<string, unknown>> })[]
}

/** Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ */
function fromKubeConfig(wanted: string, env: Env): Access {
  const [file = ''] = (env['KUBECONFIG'] || path.join(homedir(), '.kube/config')).split(':')
  const config = (parse(readFileSync(file, 'utf8')) ?? {}) as KubeConfig
  const name = wanted || config['current-context']
  const context = config.contexts?.find((one) => one.name === name)?.context
  const cluster = config.clusters?.find((one) => one.name === context?.cluster)?.cluster
  const user = config.users?.find((one) => one.name === context?.user)?.user ?? {}
  if (cluster === undefined)
    throw new Error(`${file}: there is no context "${name}" with a cluster`)
  const refused = ['exec', 'auth-provider', 'username'].find((key) => key in user)
  if (refused !== undefined) {
    throw new Error(
      `${file}: user of context "${name}": ${refused} is not supported; use a token or a certificate`,
    )
  }
  const pem = (of: Readonly<Record<string, unknown>>, key: string) =>
    pemOf(of, key, path.dirname(file))
  return {
    server: new URL(String(cluster['server'])),
    skipVerify: cluster['insecure-skip-tls-verify'] === true,
    ca: pem(cluster, 'certificate-authority'),
    cert: pem(user, 'client-certificate'),
    key: pem(user, 'client-key'),
    tokenFile: textOf(user['tokenFile']),
    token: textOf(user['token']),
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

/** A file, or with `-data` the file's content in base64. */
function pemOf(of: Readonly<Record<string, unknown>>, key: string, directory: string) {
  const data = textOf(of[`${key}-data`])
  if (data !== undefined) return Buffer.from(data, 'base64').toString()
  const file = textOf(of[key])
  return file === undefined ? undefined : readFileSync(path.resolve(directory, file), 'utf8')
}
