/** What was said of a trace. */
export interface Decided {
  readonly sampled: boolean
  /** Milliseconds, monotonic. */
  readonly at: number
  /** It is in a decision cache. */
  readonly cached: boolean
}

/** Ids of which the least recently asked for goes first. */
class Cache {
  readonly #size: number
  readonly #ids = new Map<string, Decided>()

  constructor(size: number) {
    this.#size = size
  }

  put(id: string, decided: Decided): void {
    this.#ids.delete(id)
    this.#ids.set(id, decided)
    if (this.#ids.size > this.#size) this.#ids.delete(this.#ids.keys().next().value ?? '')
  }

  find(id: string): Decided | undefined {
    const found = this.#ids.get(id)
    if (found !== undefined) this.put(id, found)
    return found
  }
}

/** Decisions, for spans that come late: in caches of their own size, else among the traces that are known. */
export class Decisions {
  readonly #caches: readonly [not: Cache | undefined, sampled: Cache | undefined]
  readonly #recent = new Map<string, Decided>()

  constructor(sampledSize: number, notSampledSize: number) {
    const cache = (size: number) => (size > 0 ? new Cache(size) : undefined)
    this.#caches = [cache(notSampledSize), cache(sampledSize)]
  }

  /** Of decisions that no cache took. */
  get recent(): number {
    return this.#recent.size
  }

  put(id: string, sampled: boolean, at: number): void {
    const cache = this.#caches[sampled ? 1 : 0]
    if (cache === undefined) this.#recent.set(id, { sampled, at, cached: false })
    else cache.put(id, { sampled, at, cached: true })
  }

  find(id: string): Decided | undefined {
    const [notSampled, sampled] = this.#caches
    return sampled?.find(id) ?? notSampled?.find(id) ?? this.#recent.get(id)
  }

  /** Forgets the oldest that no cache took; false if there is none. */
  forgetOldest(): boolean {
    const [oldest] = this.#recent.keys()
    return oldest !== undefined && this.#recent.delete(oldest)
  }
}
