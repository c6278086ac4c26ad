/** Request runs without the beginning of a request, after which an out-of-step connection is given up. */
const MAX_LOST_RUNS = 8
/** The same in records, for a connection that only ever moves bytes one way. */
const MAX_LOST_CHUNKS = 16_384

/** How long a connection has been out of step. */
export class LostRuns {
  #runs = 0
  #chunks = 0

  /** Another chunk was of no use; `runBegins`: it begins a run of requests. True when that is enough. */
  add(runBegins: boolean): boolean {
    if (runBegins) this.#runs++
    this.#chunks++
    return this.#runs > MAX_LOST_RUNS || this.#chunks > MAX_LOST_CHUNKS
  }

  clear(): void {
    this.#runs = 0
    this.#chunks = 0
  }
}
