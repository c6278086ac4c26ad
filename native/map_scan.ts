import type { AddonMap, MapInfo } from './addon.ts'

/** Elements of one step of a scan. Views into buffers that the next step writes over. */
export interface MapBatch {
  readonly count: number
  /** `count` keys. */
  readonly keys: Buffer
  /** `count` values of `lookupBytes` each. */
  readonly values: Buffer
}

type Step = { readonly count: number; readonly done: boolean }

/** Of a batch look-up, the kernel's token is at least this long. */
const MIN_CURSOR_BYTES = 8

/**
 * One walk over a map, in batches where the kernel has them for this kind of map, else key by key. A batch must hold a
 * whole bucket of a hash: the room grows until it does.
 */
export class MapScan {
  readonly #map: AddonMap
  readonly #info: MapInfo
  readonly #cursor: Buffer
  #keys: Buffer
  #values: Buffer
  #room: number
  #first = true
  #batches = true

  constructor(map: AddonMap, info: MapInfo, capacity: number) {
    this.#map = map
    this.#info = info
    this.#cursor = Buffer.alloc(Math.max(MIN_CURSOR_BYTES, info.keySize))
    this.#room = Math.min(capacity, info.maxEntries)
    this.#keys = Buffer.alloc(this.#room * info.keySize)
    this.#values = Buffer.alloc(this.#room * info.lookupBytes)
  }

  /** Bounded: a map that changes faster than it is read ends the walk after twice its size. */
  *batches(): Generator<MapBatch, void, void> {
    for (let seen = 0; seen <= 2 * this.#info.maxEntries; ) {
      const { count, done } = this.#step()
      seen += Math.max(1, count)
      if (count > 0) {
        yield {
          count,
          keys: this.#keys.subarray(0, count * this.#info.keySize),
          values: this.#values.subarray(0, count * this.#info.lookupBytes),
        }
      }
      if (done) return
    }
  }

  #step(): Step {
    for (;;) {
      try {
        const step = this.#map.scan(
          this.#cursor,
          this.#first,
          this.#batches,
          this.#keys,
          this.#values,
        )
        this.#first = false
        return step
      } catch (error) {
        if (!this.#adapt(error)) throw error
      }
    }
  }

  /** Whether another try may do better. */
  #adapt(error: unknown): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (!this.#batches || code === 'EBADF') return false
    if (code === 'ENOSPC' && this.#room < this.#info.maxEntries) {
      this.#room = Math.min(2 * this.#room, this.#info.maxEntries)
      this.#keys = Buffer.alloc(this.#room * this.#info.keySize)
      this.#values = Buffer.alloc(this.#room * this.#info.lookupBytes)
      return true
    }
    this.#batches = !this.#first
    return this.#first
  }
}
