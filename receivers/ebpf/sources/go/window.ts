import type { ReadFile } from '../image.ts'

const WINDOW_BYTES = 64 << 10

/** Numbers of a file that are read mostly in the order in which they lie there. What lies behind its end is 0. */
export class Window {
  readonly #read: ReadFile
  #from = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(read: ReadFile) {
    this.#read = read
  }

  uint32(offset: number): number {
    const at = this.#hold(offset, 4)
    return at < 0 ? 0 : this.#bytes.readUInt32LE(at)
  }

  /** Rounded when it is above 2^53, where no file has anything. */
  uint64(offset: number): number {
    const at = this.#hold(offset, 8)
    return at < 0 ? 0 : Number(this.#bytes.readBigUInt64LE(at))
  }

  #hold(offset: number, bytes: number): number {
    const at = offset - this.#from
    if (at >= 0 && at + bytes <= this.#bytes.length) return at
    if (!Number.isSafeInteger(offset) || offset < 0) return -1
    this.#from = offset
    this.#bytes = this.#read(offset, WINDOW_BYTES)
    return bytes <= this.#bytes.length ? 0 : -1
  }
}
