/** What all connections together may hold of messages that are not whole yet. */
const MAX_BYTES = 32 << 20

/** Bytes held back by the readers of all connections: one bound for the agent, beside each reader's own. */
export class Budget {
  #bytes = 0
  readonly #max: number

  constructor(max = MAX_BYTES) {
    this.#max = max
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Takes room for `bytes`; false when there is none left. Fewer than 0 gives room back. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#bytes + bytes > this.#max) return false
    this.#bytes += bytes
    return true
  }
}

/** All readers of the agent share it. */
export const BUDGET = new Budget()
