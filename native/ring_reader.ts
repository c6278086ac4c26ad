import { type AddonRingReader, addon } from './addon.ts'
import type { BpfMap } from './bpf_map.ts'
import { checkBytes, checkFloats, checkInteger } from './check.ts'

/** In front of each record in the drained bytes: u32 length of the payload, u32 number of the ring, as given. */
export const DRAIN_HEADER_BYTES = 8

/**
 * Reads BPF ring buffers, several as if they were one. Lives on after their object is closed, so the last records can be
 * read; close it after that.
 *
 *     | u32 length | u32 ring | payload, padded to 8 | u32 length | ...
 */
export class RingReader {
  readonly #native: AddonRingReader
  readonly ringCount: number

  /** Each map is a ring buffer that nobody else reads. Throws an Error with `errno`: EINVAL for another kind of map. */
  constructor(maps: readonly BpfMap[]) {
    checkInteger('rings', maps.length, 1)
    this.#native = new addon.RingReader(maps.map((map) => map.native))
    this.ringCount = this.#native.ringCount()
  }

  /**
   * Copies the next records to the front of `into`, `maxBytes` at most, and returns the bytes written. It stops before a record that
   * does not fit; the next drain then begins with the next ring, so none waits for ever. Records of one ring stay in order.
   */
  drain(into: Uint8Array, maxBytes: number = into.byteLength): number {
    checkBytes('into', into)
    checkInteger('maxBytes', maxBytes, DRAIN_HEADER_BYTES, into.byteLength)
    return this.#native.drain(into, maxBytes)
  }

  /** Of each ring two numbers: bytes ever consumed, bytes ever produced; what is between waits. */
  positions(into = new Float64Array(2 * this.ringCount)): Float64Array {
    checkFloats('into', into, 2 * this.ringCount)
    this.#native.positions(into)
    return into
  }

  /** Bytes that wait in all rings together, headers and unfinished records included. */
  pendingBytes(): number {
    return this.positions().reduce((sum, bytes, i) => sum + (i % 2 === 1 ? bytes : -bytes), 0)
  }

  /** Records ever given up because `maxBytes` had no room for one of them alone: lost, and to be counted. */
  get skipped(): number {
    return this.#native.skipped()
  }

  /** Unmaps the rings. Safe twice. */
  close(): void {
    this.#native.close()
  }
}
