/** What is counted of each resource. Bounded: the one that was silent for longest makes room. */
export class ResourceTable<S> {
  readonly #states = new Map<string, { readonly state: S; seen: number }>()
  readonly #limit: number
  readonly #onDropped: (key: string, state: S) => void

  constructor(limit: number, onDropped: (key: string, state: S) => void) {
    this.#limit = limit
    this.#onDropped = onDropped
  }

  get size(): number {
    return this.#states.size
  }

  [Symbol.iterator](): Iterator<S> {
    return [...this.#states.values()].map(({ state }) => state)[Symbol.iterator]()
  }

  /** What is counted of a resource, by its key; `now` in milliseconds, monotonic. */
  at(key: string, make: () => S, now: number): S {
    const known = this.#states.get(key) ?? { state: make(), seen: now }
    known.seen = now
    this.#states.delete(key) // and again at the end: the first one is the longest silent
    this.#states.set(key, known)
    if (this.#states.size > this.#limit) {
      const [oldest] = this.#states
      if (oldest !== undefined) this.#drop(...oldest)
    }
    return known.state
  }

  #drop(key: string, { state }: { readonly state: S }): void {
    this.#states.delete(key)
    this.#onDropped(key, state)
  }

  /** Forgets resources that were not seen since. */
  expire(before: number): void {
    for (const [key, { seen }] of this.#states) if (seen < before) this.#states.delete(key)
  }
}
