import type { Chunk } from '../../protocol.ts'
import { endsHead } from './chunked.ts'

/**
 * Which calls' captured bytes may be scanned for the end of a body, so that both pairings see the same: those of the head's own
 * call, and of later ones only while the kernel, when it pairs, would have sent them, too.
 */
export class ToldCalls {
  readonly #always: boolean
  /** Position of the chunk in which the head ended. */
  #headChunk = 0
  /** Every call since the head was captured whole and ended without an empty line. */
  #allTold = true
  #isWhole = false

  /** `always`: records hold the captured bytes of every call. */
  constructor(always: boolean) {
    this.#always = always
  }

  /** A message begins; `whole`: every call of it is wanted, and sent. */
  begin(whole: boolean): void {
    this.#isWhole = whole
    this.#allTold = true
  }

  /** Its head ended in the call at `position`. */
  headEnded(position: number): void {
    this.#headChunk = position
  }

  mayScan(chunk: Chunk): boolean {
    return this.#always || this.#isWhole || this.#allTold || chunk.position === this.#headChunk
  }

  /** The call has been read. */
  passed(chunk: Chunk): void {
    if (chunk.data.length !== chunk.bytes || endsHead(chunk.tail)) this.#allTold = false
  }
}
