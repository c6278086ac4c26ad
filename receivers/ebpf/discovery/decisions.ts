import { Decision as Bits } from '../../../bpf/events.gen.ts'
import type { Decision } from './process.ts'

/**
 * The kernel's `decisions`: memory that both sides see. Four process ids to the byte, lowest bits first. The kernel adds to them when a
 * process executes a program, at any moment: so every change here is one atomic exchange, and none goes from undecided to selected,
 * which say the same, for what the kernel adds to an undecided one must not run over.
 */
export class Decisions {
  readonly #bytes: Uint8Array

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory)
  }

  set(tgid: number, decision: Decision): void {
    if (isWatched(decision))
      this.#change(tgid, (bits) => (bits === Bits.REJECTED ? Bits.SELECTED : bits))
    else this.#change(tgid, () => Bits.REJECTED)
  }

  /** Of a process that was forked: if it has executed a program since, its record is still to come, and says more. */
  setForked(tgid: number, decision: Decision): void {
    if (!isWatched(decision))
      this.#change(tgid, (bits) => (bits === Bits.NONE ? Bits.REJECTED : bits))
  }

  /** Nothing is known of it; its id may be given to another process. */
  clear(tgid: number): void {
    this.#change(tgid, () => Bits.NONE)
  }

  #change(tgid: number, to: (bits: number) => number): void {
    const index = tgid >>> 2
    if (index >= this.#bytes.length) return
    const shift = (tgid & 3) * 2
    for (;;) {
      const before = Atomics.load(this.#bytes, index)
      const after = (before & ~(3 << shift)) | (to((before >>> shift) & 3) << shift)
      if (Atomics.compareExchange(this.#bytes, index, before, after) === before) return
    }
  }
}

/** Also as long as it waits for what decides. */
const isWatched = ({ selected, awaitsPod }: Decision) => selected || awaitsPod === true
