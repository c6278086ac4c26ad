import { FORBIDDEN, type KubeClient, type KubeError } from './client.ts'
import type { Access } from './kube_config.ts'
import { type KubeletOptions, KubeletPods } from './kubelet.ts'
import type { Pods } from './pods.ts'
import { Watcher } from './watcher.ts'

export interface PodWatchOptions {
  readonly access: Access
  readonly client: KubeClient
  readonly pods: Pods
  /** The node whose pods are meant; '' is all. */
  readonly node: string
  /** Namespaces whose pods are meant; none is all. */
  readonly namespaces: readonly string[]
  readonly fieldSelector: string
  readonly labelSelector: string
  /** Seconds after which a watch begins anew. */
  readonly periodS: number
  readonly kubelet: KubeletOptions & { readonly enabled: boolean }
}

export interface PodHearer {
  /** Each time that it cannot go on; it tries again. */
  failed(error: KubeError): void
  /** Each time that a list is complete. */
  listed(): void
  /** The API server forbids pods: the kubelet is asked from now on. */
  askedKubelet(): void
}

interface Running {
  start(): void
  stop(): Promise<void>
}

/** Keeps pods known: from the API server, and if that forbids them or the settings say so, from the kubelet of the node. */
export class PodWatch {
  readonly #options: PodWatchOptions
  readonly #hearer: PodHearer
  #running: Running[] = []
  #unlisted = 1

  constructor(options: PodWatchOptions, hearer: PodHearer) {
    this.#options = options
    this.#hearer = hearer
  }

  /** Whether the first lists are there. */
  get isSynced(): boolean {
    return this.#unlisted === 0
  }

  start(): void {
    const { kubelet, namespaces } = this.#options
    const all = namespaces.length === 0 ? [''] : namespaces
    this.#running = kubelet.enabled ? [this.#kubelet()] : all.map((one) => this.#watcher(one))
    this.#unlisted = this.#running.length
    for (const one of this.#running) one.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((one) => one.stop()))
  }

  #watcher(namespace: string): Watcher {
    const { client, pods, node, fieldSelector, labelSelector, periodS } = this.#options
    const path = namespace === '' ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`
    let forbidden = false
    const failed = (error: KubeError) => {
      this.#hearer.failed(error)
      if (error.status !== FORBIDDEN || node === '' || forbidden) return
      forbidden = true
      this.#useKubelet()
    }
    const hearer = { failed, synced: () => this.#listed() }
    const options = { path, fieldSelector, labelSelector, periodS }
    return new Watcher(client, options, pods.section(namespace), hearer)
  }

  #kubelet(): KubeletPods {
    const { access, kubelet, node, pods } = this.#options
    return new KubeletPods(access, kubelet, node, pods.section(''), {
      failed: (error) => this.#hearer.failed(error),
      synced: () => this.#listed(),
    })
  }

  /** The kubelet may tell what the API server does not. */
  #useKubelet(): void {
    this.#hearer.askedKubelet()
    const kubelet = this.#kubelet()
    this.#running.push(kubelet)
    kubelet.start()
  }

  #listed(): void {
    this.#unlisted = Math.max(0, this.#unlisted - 1)
    this.#hearer.listed()
  }
}
