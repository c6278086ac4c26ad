/** Of a request that no span of its own tells of, the Collector leaves it empty. */
export type ConnectionType = '' | 'messaging_system' | 'database' | 'virtual_node'

/** One request from one service to another, as far as its spans have come. */
export interface Edge {
  readonly key: string
  /** Whether the server's span has no parent: nobody else will tell of its client. */
  readonly fromOutside: boolean
  client: string
  server: string
  clientSeconds: number
  serverSeconds: number
  type: ConnectionType
  failed: boolean
  /** How many requests it stands for, if its trace was sampled. */
  weight: number
  /** Whom the client's attributes name, in case that no span of the server comes. */
  peer: string
  virtualNode: '' | 'client' | 'server'
  readonly labels: Map<string, string>
  readonly expires: number
}

export const newEdge = (key: string, fromOutside: boolean, expires: number): Edge => ({
  key,
  fromOutside,
  client: '',
  server: '',
  clientSeconds: 0,
  serverSeconds: 0,
  type: '',
  failed: false,
  weight: 1,
  peer: '',
  virtualNode: '',
  labels: new Map(),
  expires,
})

/** Requests of which one side is known, in the order in which their first spans came. Bounded. */
export class EdgeStore {
  readonly #edges = new Map<string, Edge>()
  readonly #limit: number
  readonly #ttlMs: number
  readonly #onComplete: (edge: Edge) => void
  readonly #onExpire: (edge: Edge) => void

  constructor(
    store: { readonly max_items: number; readonly ttl: number },
    onComplete: (edge: Edge) => void,
    onExpire: (edge: Edge) => void,
  ) {
    this.#limit = store.max_items
    this.#ttlMs = store.ttl
    this.#onComplete = onComplete
    this.#onExpire = onExpire
  }

  get size(): number {
    return this.#edges.size
  }

  /** Adds what a span tells of the request, if there is room for one more. */
  upsert(
    key: string,
    fromOutside: boolean,
    now: number,
    update: (edge: Edge) => void,
  ): 'new' | 'known' | 'full' {
    const known = this.#edges.get(key)
    const edge = known ?? newEdge(key, fromOutside, now + this.#ttlMs)
    if (known === undefined && this.#edges.size >= this.#limit && !this.#expireOldest(now)) {
      return 'full'
    }
    update(edge)
    if (edge.client !== '' && edge.server !== '') {
      this.#edges.delete(key)
      this.#onComplete(edge)
    } else if (known === undefined) this.#edges.set(key, edge)
    return known === undefined ? 'new' : 'known'
  }

  /** Lets go of what waited too long. */
  expire(now: number): void {
    while (this.#expireOldest(now));
  }

  #expireOldest(now: number): boolean {
    const [oldest] = this.#edges.values()
    if (oldest === undefined || oldest.expires > now) return false
    this.#edges.delete(oldest.key)
    this.#onExpire(oldest)
    return true
  }
}
