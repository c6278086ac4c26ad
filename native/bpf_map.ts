import type { AddonMap, MapInfo } from './addon.ts'
import { checkBytes, checkInteger } from './check.ts'
import { type MapBatch, MapScan } from './map_scan.ts'

/** What `update` does when the key exists, or does not. Source: include/uapi/linux/bpf.h */
export const BPF_ANY = 0
export const BPF_NOEXIST = 1
export const BPF_EXIST = 2

/**
 * A map of a loaded object. Keys and values are bytes as the kernel has them. Valid until the object is closed; after that
 * each method throws EBADF. Errors of the kernel come as Error with `errno` and `code`.
 */
export class BpfMap {
  readonly info: MapInfo
  readonly #native: AddonMap

  /** BpfObject.map makes it. */
  constructor(native: AddonMap) {
    this.#native = native
    this.info = native.info()
  }

  /** Kernel memory accounted to the map now, bytes. */
  memlockBytes(): number {
    return this.#native.info().memlockBytes
  }

  /** The value, or undefined when there is no such key. */
  lookup(key: Uint8Array): Buffer | undefined {
    checkBytes('key', key, this.info.keySize)
    const value = Buffer.alloc(this.info.lookupBytes)
    return this.#native.lookup(key, value) ? value : undefined
  }

  /**
   * Looks up as many keys as `found` has bytes, in one crossing: found[i] becomes 1 or 0, and value i of `values` is written
   * if it is 1. Returns how many were found.
   */
  lookupMany(keys: Uint8Array, values: Uint8Array, found: Uint8Array): number {
    checkBytes('found', found)
    checkBytes('keys', keys, found.length * this.info.keySize)
    checkBytes('values', values, found.length * this.info.lookupBytes)
    return this.#native.lookupMany(keys, values, found)
  }

  /** Throws EEXIST or ENOENT by `flags`, E2BIG when the map is full. */
  update(key: Uint8Array, value: Uint8Array, flags: number = BPF_ANY): void {
    checkBytes('key', key, this.info.keySize)
    checkBytes('value', value, this.info.lookupBytes)
    checkInteger('flags', flags)
    this.#native.update(key, value, flags)
  }

  /** False when there was no such key. */
  delete(key: Uint8Array): boolean {
    checkBytes('key', key, this.info.keySize)
    return this.#native.delete(key)
  }

  /** All elements, up to `capacity` at a time. What comes or goes meanwhile may be missed or seen twice. */
  scan(capacity = 256): Generator<MapBatch, void, void> {
    checkInteger('capacity', capacity, 1)
    return new MapScan(this.#native, this.info, capacity).batches()
  }

  /**
   * The 64-bit words of an array, summed over all CPUs if it is per CPU: element 0's words, then element 1's ... Exact
   * below 2^53. Writes into `into`, or a new array, and returns it.
   */
  sumCounters(into?: Float64Array): Float64Array {
    const words = this.info.valueSize / 8
    if (!this.info.type.endsWith('array') || !Number.isInteger(words)) {
      throw new TypeError(`BPF map ${this.info.name}: no array of 64-bit words`)
    }
    const sums = into ?? new Float64Array(this.info.maxEntries * words)
    if (sums.length > this.info.maxEntries * words || sums.length % words !== 0) {
      throw new RangeError(`into: expected whole elements of the map, got ${sums.length} words`)
    }
    this.#native.sumCounters(sums)
    return sums
  }

  /**
   * The memory of a BPF_F_MMAPABLE array itself, elements padded to 8 bytes: what is written here the kernel sees at once, and the other way
   * round. The same ArrayBuffer each time. Its length becomes 0 when the object is closed, that of views on it, too.
   */
  memory(): ArrayBuffer {
    return this.#native.memory()
  }

  /** For RingReader alone. */
  get native(): AddonMap {
    return this.#native
  }
}
