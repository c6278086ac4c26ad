import type { Decision } from './process.ts'

/** enum decision, two bits per process id. */
const UNDECIDED = 0
const SELECTED = 1
const REJECTED = 2

/**
 * The kernel's `decisions`: memory that both sides see. Four process ids to the byte, lowest bits first,
 * so every write is of one byte and no write tears.
 */
export class Decisions {
  readonly #bytes: Uint8Array

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory)
  }

  set(tgid: number, decision: Decision): void {
    this.#write(tgid, decision.selected ? SELECTED : REJECTED)
  }

  /** Its id may be given to another process. */
  clear(tgid: number): void {
    this.#write(tgid, UNDECIDED)
  }

  #write(tgid: number, bits: number): void {
    const index = tgid >>> 2
    if (index >= this.#bytes.length) return
    const shift = (tgid & 3) * 2
    this.#bytes[index] = ((this.#bytes[index] ?? 0) & ~(3 << shift)) | (bits << shift)
  }
}
