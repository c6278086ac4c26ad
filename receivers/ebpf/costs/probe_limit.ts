import type { Process } from '../discovery/process.ts'
import { HitRates } from './hit_rates.ts'
import type { ProbeHits } from './probe_hits.ts'

/** What `ProbeLimit` needs of the receiver. */
export interface ProbeLimitOptions {
  /** Hits per second of one process; 0 for none. */
  readonly limit: number
  readonly hits: ProbeHits
  readonly find: (tgid: number) => { readonly process: Process } | undefined
  /** Takes the probes out of the files of a process. Returns the names of those that had some. */
  readonly takeOut: (process: Process, why: string) => readonly string[]
  readonly tell: (files: readonly string[], why: string) => void
}

/** Bounds what probes cost: those in the files of a process that hits them too often are taken out, for all who use the files. */
export class ProbeLimit {
  readonly #options: ProbeLimitOptions
  readonly #rates: HitRates

  constructor(options: ProbeLimitOptions) {
    this.#options = options
    this.#rates = new HitRates(options.limit)
  }

  /** To be called often; looks once a second. */
  look(nowNs: number): void {
    const { hits, find, takeOut, tell, limit } = this.#options
    for (const { tgid, perSecond } of this.#rates.look(hits, nowNs)) {
      const process = find(tgid)?.process
      if (process === undefined) continue
      const often = `${Math.round(perSecond)} times a second for 3 s, and ${limit} is the limit`
      const why = `process ${tgid} (${process.exePath}) hit the probes ${often}`
      tell(takeOut(process, why), why)
    }
  }
}
