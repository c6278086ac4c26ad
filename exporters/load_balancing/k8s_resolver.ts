import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Context } from '../../pipeline/component.ts'
import { KubeClient } from '../../pipeline/k8s/client.ts'
import { accessOf, SERVICE_ACCOUNT } from '../../pipeline/k8s/kube_config.ts'
import { Watcher } from '../../pipeline/k8s/watcher.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import type { LoadBalancingConfig } from './config.ts'
import { countResolution } from './count_resolution.ts'
import type { Hear, Resolver } from './resolver.ts'

type K8sConfig = NonNullable<LoadBalancingConfig['resolver']['k8s']>

/** Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
interface EndpointSlice {
  readonly metadata?: { readonly uid?: string }
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[]
    readonly hostname?: string
    readonly conditions?: { readonly ready?: boolean }
  }[]
}

const QPS = 5
const BURST = 10
const FIRST_LIST_MS = 10_000
const DEFAULT_PERIOD_S = 60

/** Watches the slices of a service. While the API server is not to be had the backends stay. */
export class K8sResolver implements Resolver {
  readonly name = 'k8s'
  readonly #ctx: Context
  readonly #config: K8sConfig
  readonly #service: { readonly name: string; readonly namespace: string }
  /** Hosts of each slice. */
  readonly #slices = new Map<string, readonly string[]>()
  /** Slices that a list under way has named. */
  #listed: Set<string> | undefined
  #client: KubeClient | undefined
  #watcher: Watcher | undefined

  constructor(ctx: Context, config: K8sConfig) {
    this.#ctx = ctx
    this.#config = config
    const [name = '', namespace = ''] = config.service.split('.')
    this.#service = { name, namespace: namespace || ownNamespace() }
  }

  async start(hear: Hear): Promise<void> {
    const { name, namespace } = this.#service
    const access = accessOf(process.env['KUBECONFIG'] ? 'kubeConfig' : 'serviceAccount')
    this.#client = new KubeClient({ access, qps: QPS, burst: BURST })
    const log = limitedLog(this.#ctx.now)
    const synced = Promise.withResolvers<void>()
    const options = {
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
      labelSelector: `kubernetes.io/service-name=${name}`,
      periodS: Math.ceil(this.#config.timeout / 1000) || DEFAULT_PERIOD_S,
    }
    const hearer = {
      synced: () => synced.resolve(),
      failed: (error: Error) => {
        countResolution(this.#ctx, this.name, false)
        const fields = { service: this.#config.service, error: error.message }
        log(
          this.#ctx.log.warn,
          'watch',
          'failed to watch endpoint slices; the backends stay',
          fields,
        )
      },
    }
    this.#watcher = new Watcher(this.#client, options, this.#sink(hear), hearer)
    this.#watcher.start()
    const timer = setTimeout(() => synced.resolve(), FIRST_LIST_MS)
    await synced.promise
    clearTimeout(timer)
  }

  async stop(): Promise<void> {
    await this.#watcher?.stop()
    this.#client?.close()
    this.#watcher = undefined
  }

  #sink(hear: Hear) {
    return {
      put: (object: unknown) => {
        const slice = object as EndpointSlice
        const id = slice.metadata?.uid ?? ''
        this.#listed?.add(id)
        this.#slices.set(id, this.#hostsOf(slice))
        if (this.#listed === undefined) this.#tell(hear)
      },
      remove: (object: unknown) => {
        this.#slices.delete((object as EndpointSlice).metadata?.uid ?? '')
        this.#tell(hear)
      },
      begin: () => {
        this.#listed = new Set()
      },
      end: () => {
        for (const id of this.#slices.keys()) if (!this.#listed?.has(id)) this.#slices.delete(id)
        this.#listed = undefined
        this.#tell(hear)
      },
    }
  }

  /** Pods that are not ready get nothing; whether one is may be unsaid. */
  #hostsOf({ endpoints }: EndpointSlice): readonly string[] {
    return (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses, hostname }) => {
        if (!this.#config.return_hostnames) return addresses ?? []
        const { name, namespace } = this.#service
        return hostname === undefined ? [] : [`${hostname}.${name}.${namespace}`]
      })
  }

  #tell(hear: Hear): void {
    countResolution(this.#ctx, this.name, true)
    const { ports } = this.#config
    const hosts = [...new Set([...this.#slices.values()].flat())]
    const inUrl = (host: string) => (host.includes(':') ? `[${host}]` : host)
    const all = hosts.flatMap((host) =>
      ports.length === 0 ? [host] : ports.map((port) => `${inUrl(host)}:${port}`),
    )
    hear(all.sort())
  }
}

function ownNamespace(): string {
  try {
    return readFileSync(path.join(SERVICE_ACCOUNT, 'namespace'), 'utf8').trim()
  } catch {
    return 'default'
  }
}
