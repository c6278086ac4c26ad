const INITIAL_BYTES = 64 << 10
const KEPT_BYTES = 8 << 20 // a buffer that one large batch has grown beyond this is given back
const TWO_32 = 2 ** 32

/**
 * Tags, numbers and text of protobuf in one growing buffer that is used again and again. Whoever puts something there has made
 * room for it before.
 */
export class ByteWriter {
  protected buf = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  #view = viewOf(this.buf)
  protected at = 0

  /** Forgets what was written. */
  reset(): void {
    this.at = 0
    if (this.buf.length > KEPT_BYTES) this.#replace(INITIAL_BYTES)
  }

  /** A copy of what was written, which the caller owns. */
  toBytes(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.at)
    this.buf.copy(bytes, 0, 0, this.at)
    return bytes
  }

  get length(): number {
    return this.at
  }

  protected putTag(tag: number): void {
    if (tag >= 0x80) {
      this.buf[this.at++] = (tag & 0x7f) | 0x80
      this.buf[this.at++] = tag >>> 7
    } else {
      this.buf[this.at++] = tag
    }
  }

  protected putVarint32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.buf[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buf[this.at++] = rest
  }

  protected putVarint64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0 && value < TWO_32) this.putVarint32(value >>> 0)
      else this.#varintHalves(value >>> 0, Math.floor(Math.trunc(value) / TWO_32) >>> 0)
    } else {
      const bits = BigInt.asUintN(64, value)
      this.#varintHalves(Number(bits & 0xffffffffn), Number(bits >> 32n))
    }
  }

  #varintHalves(low: number, high: number): void {
    let lo = low
    let hi = high
    while (hi !== 0) {
      this.buf[this.at++] = (lo & 0x7f) | 0x80
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    this.putVarint32(lo)
  }

  protected putFixed32(value: number): void {
    this.#view.setUint32(this.at, value, true)
    this.at += 4
  }

  protected putFixed64(value: number | bigint): void {
    if (typeof value === 'number') this.putHalves(value, Math.floor(value / TWO_32))
    else {
      this.#view.setBigUint64(this.at, BigInt.asUintN(64, value), true)
      this.at += 8
    }
  }

  protected putHalves(low: number, high: number): void {
    this.#view.setUint32(this.at, low, true) // ToUint32: modulo 2^32, exact below 2^53
    this.#view.setUint32(this.at + 4, high, true)
    this.at += 8
  }

  protected putDouble(value: number): void {
    this.#view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** Length and text. False, and nothing written, if a character takes more than one byte. */
  protected putAscii(text: string): boolean {
    const buf = this.buf
    const start = this.at + 1
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      buf[start + i] = code
    }
    buf[this.at] = text.length
    this.at = start + text.length
    return true
  }

  protected putUtf8(text: string): void {
    const length = Buffer.byteLength(text)
    this.putVarint32(length)
    this.buf.write(text, this.at, length, 'utf8')
    this.at += length
  }

  /** Makes room for so many bytes. */
  protected room(bytes: number): void {
    const needed = this.at + bytes
    if (needed > this.buf.length) this.#replace(Math.max(needed, this.buf.length * 2))
  }

  #replace(bytes: number): void {
    const old = this.buf
    this.buf = Buffer.allocUnsafeSlow(bytes)
    old.copy(this.buf, 0, 0, this.at)
    this.#view = viewOf(this.buf)
  }
}

function viewOf(buf: Buffer): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.length)
}
