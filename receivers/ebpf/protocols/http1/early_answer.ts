import type { Chunk } from '../../protocol.ts'

/** Calls of it that are kept: as a rule it is one. */
const MAX_CHUNKS = 8

/**
 * Holds the answer to a request of which the record is still to come. A write is recorded when it returns, and by then the peer may
 * have answered, and another thread may have read that: programs in Go have a goroutine for each direction.
 */
export class EarlyAnswer {
  readonly #feed: (chunk: Chunk) => void
  #chunks: Chunk[] = []

  constructor(feed: (chunk: Chunk) => void) {
    this.#feed = feed
  }

  get isHeld(): boolean {
    return this.#chunks.length > 0
  }

  /** Feeds the chunk when it is its turn. `begins`: it is the front of an answer to nothing. `asksAt`: where the next request is. */
  pass(chunk: Chunk, begins: boolean, asksAt: number): void {
    const [first] = this.#chunks
    const isMore = first !== undefined && chunk.direction === 'response'
    if ((begins || isMore) && this.#chunks.length < MAX_CHUNKS) this.#hold(chunk)
    else if (first !== undefined && chunk.direction === 'request' && chunk.position === asksAt) {
      this.#feed({ ...chunk, firstNs: Math.min(chunk.firstNs, first.firstNs) })
      this.end()
    } else {
      this.end()
      this.#feed(chunk)
    }
  }

  /** Its request does not come any more. */
  end(): void {
    const chunks = this.#chunks
    if (chunks.length === 0) return
    this.#chunks = []
    for (const chunk of chunks) this.#feed(chunk)
  }

  /** A copy: chunks are lent. */
  #hold(chunk: Chunk): void {
    const { data, tail } = chunk
    this.#chunks.push({ ...chunk, data: Buffer.from(data), tail: Buffer.from(tail) })
  }
}
