/** Flag and length, in front of each message of gRPC. */
const PREFIX_BYTES = 5

/**
 * Counts the messages of one direction of a call, by the prefixes that were captured of them.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (Length-Prefixed-Message)
 */
export class MessageCounter {
  #count: number | undefined = 0
  /** Of the message under way. */
  #left = 0
  /** A prefix that is not whole: what its bytes say so far, and how many they are. */
  #length = 0
  #prefixBytes = 0

  /** Undefined: a prefix was not captured. */
  get count(): number | undefined {
    return this.#count
  }

  /** Content of `length` bytes, of which `bytes` has what is at hand from `start` on. */
  add(bytes: Uint8Array, start: number, length: number): void {
    let at = 0
    while (at < length && this.#count !== undefined) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, length - at)
        this.#left -= step
        at += step
      } else {
        this.#prefix(bytes[start + at])
        at++
      }
    }
  }

  /** Bytes of it were missed. */
  lose(): void {
    this.#count = undefined
  }

  #prefix(byte: number | undefined): void {
    const isFlag = this.#prefixBytes === 0
    if (byte === undefined || (isFlag && byte > 1)) {
      this.lose()
      return
    }
    if (!isFlag) this.#length = this.#length * 256 + byte
    if (++this.#prefixBytes < PREFIX_BYTES) return
    if (this.#count !== undefined) this.#count++
    this.#left = this.#length
    this.#length = 0
    this.#prefixBytes = 0
  }
}
