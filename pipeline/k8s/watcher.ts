import { type KubeClient, KubeError, sleep, type WatchEvent } from './client.ts'

/** What all objects have. */
export interface Metadata {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

export interface WatchOptions {
  /** `/api/v1/pods` */
  readonly path: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
  /** Seconds after which a watch begins anew. */
  readonly periodS: number
}

/** Who hears of objects. What is kept of one is up to him: the object itself is let go. */
export interface Sink {
  put(object: unknown): void
  remove(object: unknown): void
  /** A list has ended: what did not come by `put` since `begin` is not there any more. */
  begin(): void
  end(): void
}

export interface Hearer {
  /** Each time that it cannot go on; it tries again. */
  failed(error: KubeError): void
  /** Each time that a list is complete. */
  synced(): void
}

const PAGE = 500
const FIRST_WAIT_MS = 500
const LAST_WAIT_MS = 30_000
const GONE = 410

interface List {
  readonly metadata?: Metadata & { readonly continue?: string }
  readonly items?: readonly unknown[]
}

const metadataOf = (object: unknown): Metadata => Object(Object(object).metadata) as Metadata

/**
 * Knows all objects of a kind: lists them, and then watches from that version on. A version that the server has
 * forgotten (410) means to list again.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class Watcher {
  readonly #client: KubeClient
  readonly #options: WatchOptions
  readonly #sink: Sink
  readonly #hearer: Hearer
  readonly #abort = new AbortController()
  #waitMs = FIRST_WAIT_MS
  #ended: Promise<void> | undefined

  constructor(client: KubeClient, options: WatchOptions, sink: Sink, hearer: Hearer) {
    this.#client = client
    this.#options = options
    this.#sink = sink
    this.#hearer = hearer
  }

  start(): void {
    this.#ended ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#ended
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    let version: string | undefined
    while (!signal.aborted) {
      try {
        version ??= await this.#list()
        version = await this.#follow(version)
      } catch (cause) {
        if (signal.aborted) return
        const error =
          cause instanceof KubeError ? cause : new KubeError(0, String(cause), { cause })
        if (error.status === GONE) {
          version = undefined
          continue
        }
        this.#hearer.failed(error)
        // Which events were lost is not known: what is there tells.
        if (error.status !== 0) version = undefined
        await this.#pause()
      }
    }
  }

  async #pause(): Promise<void> {
    const jitter = 0.5 + Math.random() / 2
    await sleep(this.#waitMs * jitter, this.#abort.signal)
    this.#waitMs = Math.min(LAST_WAIT_MS, this.#waitMs * 2)
  }

  /** Gives the version from which to watch. */
  async #list(): Promise<string> {
    this.#sink.begin()
    let next = ''
    let version = ''
    do {
      const query = this.#query({ limit: String(PAGE), ...(next !== '' && { continue: next }) })
      const page = (await this.#client.get(query, this.#abort.signal)) as List
      for (const object of page.items ?? []) this.#sink.put(object)
      version = page.metadata?.resourceVersion ?? ''
      next = page.metadata?.continue ?? ''
    } while (next !== '')
    this.#sink.end()
    this.#hearer.synced()
    this.#waitMs = FIRST_WAIT_MS
    return version
  }

  /** Until the server ends the watch; gives the last version. */
  async #follow(from: string): Promise<string> {
    let version = from
    const query = this.#query({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(this.#options.periodS),
    })
    for await (const event of this.#client.watch(query, this.#abort.signal)) {
      this.#take(event)
      version = metadataOf(event.object).resourceVersion ?? version
      this.#waitMs = FIRST_WAIT_MS
    }
    // A server that ends at once is not to be asked without a pause.
    if (version === from) await sleep(FIRST_WAIT_MS, this.#abort.signal)
    return version
  }

  #take({ type, object }: WatchEvent): void {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#sink.put(object)
        return
      case 'DELETED':
        this.#sink.remove(object)
        return
      case 'BOOKMARK':
        return
      default: {
        const { code, message } = Object(object) as { code?: number; message?: string }
        throw new KubeError(code ?? 500, `watch ${this.#options.path}: ${message}`)
      }
    }
  }

  #query(more: Readonly<Record<string, string>>): string {
    const { path, fieldSelector = '', labelSelector = '' } = this.#options
    const query = new URLSearchParams(more)
    if (fieldSelector !== '') query.set('fieldSelector', fieldSelector)
    if (labelSelector !== '') query.set('labelSelector', labelSelector)
    return `${path}?${query}`
  }
}
