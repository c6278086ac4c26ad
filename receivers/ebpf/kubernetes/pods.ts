import type { Context } from '../../../pipeline/component.ts'
import { messageOf } from '../../../pipeline/message_of.ts'
import type { PodFinder } from '../discovery/awaited_pods.ts'
import type { Cgroup } from '../discovery/cgroup.ts'
import { type PodFacts, podFacts } from '../discovery/pod_facts.ts'
import type { PodNeeds } from '../discovery/pod_needs.ts'
import type { IsOf } from './changed_pods.ts'
import type { KubernetesConfig } from './fields.ts'
import type { PodSource } from './pod_source.ts'

/** Whether these settings ask Kubernetes for what selectors need. */
export const asksKubernetes = ({ enable }: KubernetesConfig, { any }: PodNeeds): boolean =>
  enable === 'true' || (enable === 'autodetect' && any)

export interface KubernetesPodsOptions {
  readonly ctx: Context
  readonly config: KubernetesConfig
  /** Processes in some pods are to be decided anew. */
  readonly onChange: (isOf: IsOf) => void
  /** Nobody can be asked: what waits, waits in vain. */
  readonly onRefused: () => void
}

/** What Kubernetes tells of pods, as long as somebody needs it. */
export class KubernetesPods implements PodFinder {
  readonly #options: KubernetesPodsOptions
  #source: PodSource | undefined
  #keys: ReadonlySet<string> = new Set()
  #asks = false
  #refused = ''
  #turn: Promise<void> = Promise.resolve()

  constructor(options: KubernetesPodsOptions) {
    this.#options = options
    options.ctx.gauge('k8s_pod_table_size', () => this.#source?.size ?? 0)
  }

  /** From now on. Asks anew only if it is for more than before. */
  follow(needs: PodNeeds): void {
    const { config } = this.#options
    const asks = asksKubernetes(config, needs)
    const keys = new Set([...needs.keys, ...Object.values(config.resource_labels).flat()])
    const enough = asks && this.#asks && [...keys].every((key) => this.#keys.has(key))
    if (enough || (!asks && !this.#asks)) return
    this.#asks = asks
    this.#keys = keys
    this.#refused = ''
    this.#turn = this.#turn.then(() => this.#change(asks, keys))
  }

  async stop(): Promise<void> {
    this.#asks = false
    await this.#turn
    await this.#source?.stop()
    this.#source = undefined
  }

  get waitNs(): number {
    const { informers_sync_timeout: ms } = this.#options.config
    return this.#asks && this.#refused === '' ? ms * 1e6 : 0
  }

  find(cgroup: Cgroup): PodFacts | undefined {
    const found = this.#source?.find(cgroup)
    return found && podFacts(found)
  }

  /** In words, for `weir explain`; '' if Kubernetes is not asked. */
  get state(): string {
    if (!this.#asks) return ''
    if (this.#refused !== '') return `not asked: ${this.#refused}`
    const { trouble = '', size = 0, node = '' } = this.#source ?? {}
    const known = `${size} ${size === 1 ? 'pod' : 'pods'} known${node === '' ? '' : ` of node ${node}`}`
    return trouble === '' ? known : `${known}; ${trouble}`
  }

  /** The code for it is loaded by who needs it. Never rejects. */
  async #change(asks: boolean, keys: ReadonlySet<string>): Promise<void> {
    await this.#source?.stop()
    this.#source = undefined
    if (!asks) return
    const { ctx, config, onChange, onRefused } = this.#options
    try {
      const { PodSource } = await import('./pod_source.ts')
      if (!this.#asks) return
      const source = new PodSource({ ctx, config, keys, onChange })
      this.#source = source
      source.start()
    } catch (error) {
      this.#refused = messageOf(error)
      ctx.log.warn(`Kubernetes is not asked about pods: ${this.#refused}`, {
        hint: 'selectors that ask for more than the node tells match nothing; set attributes::kubernetes::kubeconfig_path, or run weir in a pod with a service account',
      })
      onRefused()
    }
  }
}
