import { probeHits } from '../../../bpf/events.gen.ts'

/** How often probes were hit in a process, and what was timed of that. */
export interface Hits {
  readonly tgid: number
  readonly hits: number
  readonly timed: number
  readonly timedNs: number
}

const PLACE_WORDS = probeHits.size / Uint32Array.BYTES_PER_ELEMENT

/** The kernel's `probe_hits`: memory that both sides see. */
export class ProbeHits {
  readonly #view: DataView
  /** The same: an entry begins with its tgid, and 32 bits have room for that. */
  readonly #words: Uint32Array
  readonly #places: number

  constructor(memory: ArrayBuffer) {
    this.#view = new DataView(memory)
    this.#words = new Uint32Array(memory, 0, Math.floor(memory.byteLength / 4))
    this.#places = Math.floor(memory.byteLength / probeHits.size)
  }

  /** Undefined for a process that has hit none, or whose place another one has taken. */
  of(tgid: number): Hits | undefined {
    const at = this.#placeOf(tgid)
    return at < 0 || probeHits.tgid(this.#view, at) !== tgid ? undefined : this.#read(at)
  }

  /** Of all processes that have an entry. */
  *[Symbol.iterator](): Generator<Hits> {
    for (let i = 0; i < this.#places; i++) {
      if (this.#words[i * PLACE_WORDS] !== 0) yield this.#read(i * probeHits.size)
    }
  }

  /** It has ended: its id may be given to another process. */
  forget(tgid: number): void {
    if (this.of(tgid) !== undefined) this.#view.setUint32(this.#placeOf(tgid), 0, true)
  }

  #read(at: number): Hits {
    return {
      tgid: probeHits.tgid(this.#view, at),
      hits: probeHits.hits(this.#view, at),
      timed: probeHits.timed(this.#view, at),
      timedNs: probeHits.timedNs(this.#view, at),
    }
  }

  #placeOf(tgid: number): number {
    return this.#places === 0 ? -1 : (tgid % this.#places) * probeHits.size
  }
}
