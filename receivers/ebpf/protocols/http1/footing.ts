/** Request runs without the beginning of a request, after which an out-of-step connection is given up. */
const MAX_LOST_RUNS = 8
/** The same in records, for a connection that only ever moves bytes one way. */
const MAX_LOST_CHUNKS = 16_384

/** How sure it is that a connection speaks HTTP/1, and for how long it has been out of step. */
export class Footing {
  #isProved = false
  #wasLost = false
  #runs = 0
  #chunks = 0

  /** An exchange was paired: this is HTTP/1, whatever comes. */
  get isProved(): boolean {
    return this.#isProved
  }

  /** What makes no sense may be the middle of something that does. */
  get mayRecover(): boolean {
    return this.#isProved || this.#wasLost
  }

  prove(): void {
    this.#isProved = true
    this.#runs = 0
    this.#chunks = 0
  }

  /** The connection has fallen out of step. */
  lose(): void {
    this.#wasLost = true
  }

  /** Another chunk was of no use; `runBegins`: it begins a run of requests. True when that is enough. */
  stayLost(runBegins: boolean): boolean {
    if (runBegins) this.#runs++
    this.#chunks++
    return this.#runs > MAX_LOST_RUNS || this.#chunks > MAX_LOST_CHUNKS
  }
}
