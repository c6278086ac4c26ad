import { hostname } from 'node:os'
import { KubeClient, KubeError, sleep } from './client.ts'
import type { Access } from './kube_config.ts'
import type { Hearer, Sink } from './watcher.ts'

const PORT = 10_250

export interface KubeletOptions {
  /** '' is https://<node>:10250. */
  readonly endpoint: string
  /** Milliseconds between looks. */
  readonly poll_interval: number
  readonly insecure_skip_verify: boolean
}

/** Lists the pods of this node again and again: the kubelet knows no watch. */
export class KubeletPods {
  readonly #client: KubeClient
  readonly #intervalMs: number
  readonly #sink: Sink
  readonly #hearer: Hearer
  readonly #abort = new AbortController()
  #ended: Promise<void> | undefined

  constructor(access: Access, options: KubeletOptions, node: string, sink: Sink, hearer: Hearer) {
    const { endpoint, insecure_skip_verify, poll_interval } = options
    const server = new URL(endpoint || `https://${node || hostname()}:${PORT}`)
    // Each look is one request: the rate is that of the looks.
    const limits = { qps: 1000, burst: 10 }
    this.#client = new KubeClient({
      access: { ...access, server, skipVerify: insecure_skip_verify },
      ...limits,
    })
    this.#intervalMs = poll_interval
    this.#sink = sink
    this.#hearer = hearer
  }

  start(): void {
    this.#ended ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#ended
    this.#client.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      try {
        const list = (await this.#client.get('/pods', signal)) as { readonly items?: unknown[] }
        this.#sink.begin()
        for (const pod of list.items ?? []) this.#sink.put(pod)
        this.#sink.end()
        this.#hearer.synced()
      } catch (cause) {
        if (signal.aborted) return
        this.#hearer.failed(
          cause instanceof KubeError ? cause : new KubeError(0, String(cause), { cause }),
        )
      }
      await sleep(this.#intervalMs, signal)
    }
  }
}
