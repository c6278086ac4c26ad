import type { Hits } from './probe_hits.ts'

const SECOND_NS = 1e9
/** Above the limit for so many looks one after the other: a burst is none. */
const LOOKS = 3

interface Rate {
  readonly hits: number
  /** Looks at which it was above the limit, one after the other. */
  readonly above: number
}

/** A process whose probes are hit too often. */
export interface TooOften {
  readonly tgid: number
  readonly perSecond: number
}

/** Watches how often each process hits its probes, once a second. */
export class HitRates {
  readonly #limit: number
  #rates = new Map<number, Rate>()
  #lookedNs = 0

  /** `limit`: hits per second of one process; 0 for none. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Those that have been above the limit for 3 s by now; each is told once, and again if it goes on. */
  look(all: Iterable<Hits>, nowNs: number): readonly TooOften[] {
    const seconds = (nowNs - this.#lookedNs) / SECOND_NS
    if (this.#limit === 0 || seconds < 1) return NONE
    this.#lookedNs = nowNs
    const rates = new Map<number, Rate>()
    const found: TooOften[] = []
    for (const { tgid, hits } of all) {
      const before = this.#rates.get(tgid)
      const perSecond = before === undefined ? 0 : (hits - before.hits) / seconds
      const above = perSecond > this.#limit ? (before?.above ?? 0) + 1 : 0
      if (above === LOOKS) found.push({ tgid, perSecond })
      rates.set(tgid, { hits, above: above === LOOKS ? 0 : above })
    }
    this.#rates = rates
    return found
  }
}

const NONE: readonly TooOften[] = []
