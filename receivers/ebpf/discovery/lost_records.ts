const SECOND_NS = 1e9

/** What `LostRecords` needs of the receiver. */
export interface LostRecordsOptions {
  /** Records of processes that the kernel could not send so far. */
  readonly lost: () => number
  /** Looks at all processes anew. */
  readonly recover: () => void
}

/** Once records of processes are lost, what is known of them may be wrong for good: /proc is read again then, at most once a second. */
export class LostRecords {
  readonly #options: LostRecordsOptions
  #known = 0
  #lookedNs = 0

  constructor(options: LostRecordsOptions) {
    this.#options = options
  }

  /** To be called often. */
  look(nowNs: number): void {
    if (nowNs - this.#lookedNs < SECOND_NS) return
    this.#lookedNs = nowNs
    const lost = this.#options.lost()
    if (lost > this.#known) this.#options.recover()
    this.#known = lost
  }
}
