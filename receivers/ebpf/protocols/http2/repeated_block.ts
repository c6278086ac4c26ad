import type { Entry } from './dynamic_table.ts'

/** A longer block is not kept. */
const MAX_BYTES = 512
/** Blocks that are let pass after one was kept in vain. */
const PAUSE = 15

/** A field of a block; `enters`: it went into the table. */
export interface BlockField {
  readonly entry: Entry
  readonly enters: boolean
}

/**
 * The last header block of a direction, if it says all of itself: its fields are literal or of the static table. Some servers, nginx among
 * them, never refer to what they have sent before; within a second their answers are the same octets.
 */
export class RepeatedBlock {
  #octets: Uint8Array | undefined
  #fields: readonly BlockField[] = []
  /** Of the block before: one that has another length is not the same. */
  #length = 0
  #isUsed = true
  #pause = 0

  /** The fields of the same octets; undefined when it is another block. */
  of(block: Uint8Array): readonly BlockField[] | undefined {
    const octets = this.#octets
    if (octets === undefined || octets.length !== block.length) return undefined
    for (let i = 0; i < octets.length; i++) if (octets[i] !== block[i]) return undefined
    this.#isUsed = true
    return this.#fields
  }

  /** Whether the next block's fields are to be gathered. */
  wants(block: Uint8Array): boolean {
    const isSame = block.length === this.#length && block.length <= MAX_BYTES
    this.#length = block.length
    if (isSame && this.#pause === 0) return true
    if (isSame) this.#pause--
    return false
  }

  /** Copies: the block is only lent. */
  keep(block: Uint8Array, fields: readonly BlockField[]): void {
    this.#octets = new Uint8Array(block)
    this.#fields = fields
    this.#pause = this.#isUsed ? 0 : PAUSE
    this.#isUsed = false
  }
}
