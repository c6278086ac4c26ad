/** Source: https://www.rfc-editor.org/rfc/rfc7541#section-4.1 */
const ENTRY_BYTES = 32
/** Until an encoder says otherwise. */
const DEFAULT_BYTES = 4096
/** Kept of a table, however large its owner makes it: older entries are then unknown. */
const MAX_KEPT_BYTES = 16 << 10

/** Places of evicted entries that a table may have. */
const MAX_EVICTED = 64

/** An entry whose name was an index that nobody knew. */
export interface Entry {
  readonly name: string | undefined
  readonly value: string
  /** By which it fills a table. */
  readonly bytes: number
}

/** `name` undefined: as above. */
export const entryOf = (name: string | undefined, value: string): Entry => ({
  name,
  value,
  bytes: (name?.length ?? 0) + value.length + ENTRY_BYTES,
})

/**
 * One direction's dynamic table, as its encoder has it; entries from before it was watched are unknown. An entry's index counts from
 * the newest, so that those seen since are known for sure.
 */
export class DynamicTable {
  /** Oldest first; those before `#oldest` are evicted. */
  readonly #entries: (Entry | undefined)[] = []
  #oldest = 0
  #bytes = 0
  #max = DEFAULT_BYTES
  #complete = true

  /** Every entry was seen: what is not here is nowhere. */
  get isComplete(): boolean {
    return this.#complete
  }

  /** `index` 0 is the newest. */
  get(index: number): Entry | undefined {
    const at = this.#entries.length - 1 - index
    return at < this.#oldest ? undefined : this.#entries[at]
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
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
    this.#oldest = 0
    this.#bytes = 0
    this.#complete = false
  }

  #evict(): void {
    if (this.#max > MAX_KEPT_BYTES && this.#bytes > MAX_KEPT_BYTES) this.#complete = false
    const max = Math.min(this.#max, MAX_KEPT_BYTES)
    while (this.#bytes > max) {
      const evicted = this.#entries[this.#oldest]
      if (evicted === undefined) break
      this.#entries[this.#oldest++] = undefined
      this.#bytes -= evicted.bytes
    }
    // Moved together now and then: taken from the front one by one, V8 copies the array every time.
    if (this.#oldest > MAX_EVICTED) {
      this.#entries.splice(0, this.#oldest)
      this.#oldest = 0
    }
  }
}
