/** Longer texts than this there are none: lengths are 16 bit, of both kinds of text. */
const MAX_TEXT_BYTES = 0x7fff
/** Elements of an array that are believed. */
const MAX_COUNT = 1 << 20

/**
 * Reads the fields of a message one after another, by its version plain or compact. Where bytes are missing it goes on with
 * nothing, and `short` says so; `wrong` if a length is none. Source: https://kafka.apache.org/protocol.html#protocol_types
 */
export class Fields {
  readonly #bytes: Buffer
  readonly #flexible: boolean
  at = 0
  short = false
  wrong = false

  constructor(bytes: Buffer, flexible: boolean) {
    this.#bytes = bytes
    this.#flexible = flexible
  }

  skip(bytes: number): void {
    this.at += bytes
    if (this.at > this.#bytes.length) this.short = true
  }

  i8(): number {
    return this.#has(1) ? this.#bytes.readInt8(this.at++) : 0
  }

  i16(): number {
    if (!this.#has(2)) return 0
    this.at += 2
    return this.#bytes.readInt16BE(this.at - 2)
  }

  i32(): number {
    if (!this.#has(4)) return 0
    this.at += 4
    return this.#bytes.readInt32BE(this.at - 4)
  }

  /** Of 16 bytes, in hex. */
  uuid(): string {
    if (!this.#has(16)) return ''
    this.at += 16
    return this.#bytes.toString('hex', this.at - 16, this.at)
  }

  /** At most 32 bits. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 35 && this.#has(1); shift += 7) {
      const byte = this.#bytes[this.at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    if (!this.short) this.wrong = true
    return 0
  }

  /** '' of null, too. */
  text(): string {
    const bytes = this.#flexible ? this.varint() - 1 : this.i16()
    if (bytes > MAX_TEXT_BYTES) this.wrong = true
    if (bytes <= 0 || this.wrong || !this.#has(bytes)) return ''
    this.at += bytes
    return this.#bytes.toString('utf8', this.at - bytes, this.at)
  }

  /** Elements of an array; 0 of null. */
  count(): number {
    const count = this.#flexible ? this.varint() - 1 : this.i32()
    if (count < -1 || count > MAX_COUNT) this.wrong = true
    return this.wrong || this.short ? 0 : Math.max(count, 0)
  }

  /** Bytes of records; 0 of null. */
  recordBytes(): number {
    const bytes = this.#flexible ? this.varint() - 1 : this.i32()
    if (bytes < -1) this.wrong = true
    return Math.max(bytes, 0)
  }

  /** Skips what newer releases append; `sets` of those. Without meaning where nothing is compact. */
  tags(sets = 1): void {
    if (!this.#flexible) return
    for (let set = 0; set < sets; set++) {
      const fields = this.varint()
      for (let field = 0; field < fields && !this.short && !this.wrong; field++) {
        this.varint()
        this.skip(this.varint())
      }
    }
  }

  #has(bytes: number): boolean {
    if (this.at + bytes > this.#bytes.length) this.short = true
    return !this.short
  }
}
