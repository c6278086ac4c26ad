import { Decision as Bits } from '../../../bpf/events.gen.ts'
import type { Decision } from './process.ts'

/**
 * The kernel's `decisions`: memory that both sides see. Four process ids to the byte, lowest bits first,
 * so every write is of one byte and no write tears. The kernel writes too, when a rejected process executes a program.
 */
export class Decisions {
  readonly #bytes: Uint8Array

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory)
  }

  set(tgid: number, decision: Decision): void {
    if (decision.awaitsPod) this.clear(tgid)
    else this.#write(tgid, decision.selected ? Bits.SELECTED : Bits.REJECTED)
  }

  /** Nothing is known of it, or not yet; its id may be given to another process. */
  clear(tgid: number): void {
    this.#write(tgid, Bits.NONE)
  }

  #write(tgid: number, bits: number): void {
    const index = tgid >>> 2
    if (index >= this.#bytes.length) return
    const shift = (tgid & 3) * 2
    this.#bytes[index] = ((this.#bytes[index] ?? 0) & ~(3 << shift)) | (bits << shift)
  }
}
