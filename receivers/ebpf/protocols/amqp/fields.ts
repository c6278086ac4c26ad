/** Reads arguments of a method, or properties. Beyond the end everything is 0 or ''; `isWhole` says whether that was so. */
export class Fields {
  readonly #bytes: Buffer
  #at: number
  #isWhole = true

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  octet(): number {
    return this.#take(1) ? (this.#bytes[this.#at - 1] ?? 0) : 0
  }

  short(): number {
    return this.#take(2) ? this.#bytes.readUInt16BE(this.#at - 2) : 0
  }

  long(): number {
    return this.#take(4) ? this.#bytes.readUInt32BE(this.#at - 4) : 0
  }

  /** Not exact from 2^53 on, which no tag and no size reaches. */
  longLong(): number {
    return this.long() * 2 ** 32 + this.long()
  }

  shortText(): string {
    return this.#text(this.octet())
  }

  longText(): string {
    return this.#text(this.long())
  }

  skip(bytes: number): void {
    this.#take(bytes)
  }

  #text(bytes: number): string {
    return this.#take(bytes) ? this.#bytes.toString('utf8', this.#at - bytes, this.#at) : ''
  }

  #take(bytes: number): boolean {
    if (bytes <= this.left) this.#at += bytes
    else {
      this.#isWhole = false
      this.#at = this.#bytes.length
    }
    return this.#isWhole
  }
}
