import type { Field } from './static_table.ts'

/** Source: https://www.rfc-editor.org/rfc/rfc7541#section-4.1 */
const ENTRY_BYTES = 32
/** Until an encoder says otherwise. */
const DEFAULT_BYTES = 4096
/** Kept of a table, however large its owner makes it: older entries are then unknown. */
const MAX_KEPT_BYTES = 16 << 10

/** An entry whose name was an index that nobody knew. */
export interface Entry {
  readonly name: string | undefined
  readonly value: string
}

/**
 * One direction's dynamic table, as its encoder has it; entries from before it was watched are unknown. An entry's index counts from
 * the newest, so that those seen since are known for sure.
 */
export class DynamicTable {
  readonly #entries: Entry[] = [] // oldest first
  #bytes = 0
  #max = DEFAULT_BYTES
  #complete = true

  /** Every entry was seen: what is not here is nowhere. */
  get isComplete(): boolean {
    return this.#complete
  }

  /** `index` 0 is the newest. */
  get(index: number): Entry | undefined {
    return this.#entries[this.#entries.length - 1 - index]
  }

  add(entry: Entry | Field): void {
    const bytes = (entry.name?.length ?? 0) + entry.value.length + ENTRY_BYTES
    this.#entries.push(entry)
    this.#bytes += bytes
    this.#evict()
  }

  /** The encoder's new maximum. */
  resize(max: number): void {
    this.#max = max
    this.#evict()
  }

  /** Entries may have come that nobody saw. */
  forget(): void {
    this.#entries.length = 0
    this.#bytes = 0
    this.#complete = false
  }

  #evict(): void {
    if (this.#max > MAX_KEPT_BYTES && this.#bytes > MAX_KEPT_BYTES) this.#complete = false
    const max = Math.min(this.#max, MAX_KEPT_BYTES)
    while (this.#bytes > max) {
      const oldest = this.#entries.shift()
      if (oldest === undefined) break
      this.#bytes -= (oldest.name?.length ?? 0) + oldest.value.length + ENTRY_BYTES
    }
  }
}
