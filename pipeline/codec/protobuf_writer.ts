import type { UnixTime } from '../data/time.ts'

const INITIAL_BYTES = 64 << 10
const KEPT_BYTES = 8 << 20 // a buffer that one large batch has grown beyond this is given back
const SHORT_TEXT = 64 // UTF-16 units; up to here a loop beats the call into C++
const SHORT_COPY = 64 // bytes; the same
const TWO_32 = 2 ** 32

/** How many bytes a length is expected to take: a wrong guess costs one move of the message's bytes. */
export type LengthBytes = 1 | 2 | 3 | 4

/**
 * Writes protobuf into one growing buffer that is used again and again. Field methods take the whole tag
 * (`field << 3 | wire type`), below 2^14. The caller leaves out what has its default value.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  #buf = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  #view = viewOf(this.#buf)
  #at = 0

  /** Forgets what was written. */
  reset(): void {
    this.#at = 0
    if (this.#buf.length > KEPT_BYTES) this.#replace(INITIAL_BYTES)
  }

  /** A copy of what was written, which the caller owns. */
  toBytes(): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.#at)
    this.#buf.copy(bytes, 0, 0, this.#at)
    return bytes
  }

  get length(): number {
    return this.#at
  }

  /** Begins a nested message; give what this returns to `end`. */
  begin(tag: number, expected: LengthBytes): number {
    this.#room(10)
    this.#tag(tag)
    this.#at += expected
    return this.#at
  }

  /** Ends the message that starts at `start`, which was begun with the same `expected`. */
  end(start: number, expected: LengthBytes): void {
    const length = this.#at - start
    const needed = varintBytes(length)
    if (needed !== expected) {
      this.#room(needed)
      this.#buf.copyWithin(start - expected + needed, start, this.#at)
      this.#at += needed - expected
    }
    const after = this.#at
    this.#at = start - expected
    this.#varint32(length)
    this.#at = after
  }

  /** `value` is a whole number of at most 32 bits, unsigned. */
  uint32(tag: number, value: number): void {
    this.#room(10)
    this.#tag(tag)
    this.#varint32(value >>> 0)
  }

  /** An enum value or int32: a negative one takes ten bytes, as protobuf has it. */
  int32(tag: number, value: number): void {
    this.int64(tag, value | 0)
  }

  sint32(tag: number, value: number): void {
    this.uint32(tag, (value << 1) ^ (value >> 31))
  }

  bool(tag: number, value: boolean): void {
    this.uint32(tag, value ? 1 : 0)
  }

  int64(tag: number, value: number | bigint): void {
    this.#room(15)
    this.#tag(tag)
    this.#varint64(value)
  }

  fixed32(tag: number, value: number): void {
    this.#room(10)
    this.#tag(tag)
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  double(tag: number, value: number): void {
    this.#room(15)
    this.#tag(tag)
    this.#double(value)
  }

  fixed64(tag: number, value: number | bigint): void {
    this.#room(15)
    this.#tag(tag)
    this.#fixed64(value)
  }

  /** A fixed64 of two whole numbers below 2^32. */
  halves64(tag: number, low: number, high: number): void {
    this.#room(15)
    this.#tag(tag)
    this.#halves(low, high)
  }

  /** Nanoseconds since 1970 as fixed64, exact and without a bigint: seconds times 1e9 in two halves of 16 bits. */
  time(tag: number, [seconds, nanoseconds]: UnixTime): void {
    this.#room(15)
    this.#tag(tag)
    const high = Math.floor(seconds / 65536) * 1e9
    const low = (seconds % 65536) * 1e9 + nanoseconds + (high % 65536) * 65536
    this.#halves(low, Math.floor(high / 65536) + Math.floor(low / TWO_32))
  }

  string(tag: number, text: string): void {
    this.#room(10 + text.length * 3)
    this.#tag(tag)
    if (text.length > SHORT_TEXT || !this.#ascii(text)) this.#utf8(text)
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.#room(10 + bytes.length)
    this.#tag(tag)
    this.#varint32(bytes.length)
    this.raw(bytes)
  }

  /** `hex` has an even number of hexadecimal digits. */
  hex(tag: number, hex: string): void {
    this.#room(10 + hex.length)
    this.#tag(tag)
    this.#varint32(hex.length >> 1)
    for (let i = 0; i + 1 < hex.length; i += 2) {
      this.#buf[this.#at++] = (digit(hex.charCodeAt(i)) << 4) | digit(hex.charCodeAt(i + 1))
    }
  }

  /** The same of `chars` digits at `from` of `bytes`. */
  hexSlice(tag: number, bytes: Uint8Array, from: number, chars: number): void {
    this.head(tag, chars >> 1)
    this.#room(chars >> 1)
    for (let i = from; i < from + chars; i += 2) {
      this.#buf[this.#at++] = (digit(bytes[i] as number) << 4) | digit(bytes[i + 1] as number)
    }
  }

  /** The bytes from `from` to `to` of what was written, in hexadecimal. */
  hexOf(from: number, to: number): string {
    return this.#buf.toString('hex', from, to)
  }

  packedDoubles(tag: number, values: readonly number[]): void {
    this.#packed(tag, values.length)
    for (const value of values) this.#double(value)
  }

  packedFixed64(tag: number, values: readonly (number | bigint)[]): void {
    this.#packed(tag, values.length)
    for (const value of values) this.#fixed64(value)
  }

  packedVarints(tag: number, values: readonly (number | bigint)[]): void {
    const start = this.begin(tag, 1)
    for (const value of values) {
      this.#room(10)
      this.#varint64(value)
    }
    this.end(start, 1)
  }

  /** A field of the bytes from `from` to `to` of `bytes`. */
  slice(tag: number, bytes: Uint8Array, from: number, to: number): void {
    this.head(tag, to - from)
    this.copy(bytes, from, to)
  }

  /** Tag and length of a field whose bytes are not written here. */
  head(tag: number, length: number): void {
    this.#room(15)
    this.#tag(tag)
    this.#varint32(length)
  }

  /** Bytes as they are: whole fields that were written elsewhere. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes
    this.#room(length)
    if (length > SHORT_COPY) this.#buf.set(bytes, this.#at)
    else for (let i = 0; i < length; i++) this.#buf[this.#at + i] = bytes[i] as number
    this.#at += length
  }

  /** The same of a part of `bytes`. */
  copy(bytes: Uint8Array, from: number, to: number): void {
    this.#room(to - from)
    if (to - from > SHORT_COPY) this.#buf.set(bytes.subarray(from, to), this.#at)
    else for (let i = from; i < to; i++) this.#buf[this.#at + i - from] = bytes[i] as number
    this.#at += to - from
  }

  /** The same of what another one has written. */
  append(from: ProtobufWriter, start: number, end: number): void {
    this.copy(from.#buf, start, end)
  }

  #packed(tag: number, count: number): void {
    this.#room(10 + count * 8)
    this.#tag(tag)
    this.#varint32(count * 8)
  }

  #tag(tag: number): void {
    if (tag >= 0x80) {
      this.#buf[this.#at++] = (tag & 0x7f) | 0x80
      this.#buf[this.#at++] = tag >>> 7
    } else {
      this.#buf[this.#at++] = tag
    }
  }

  #varint32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#buf[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buf[this.#at++] = rest
  }

  #varint64(value: number | bigint): void {
    if (typeof value === 'number') {
      if (value >= 0 && value < TWO_32) this.#varint32(value >>> 0)
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
      this.#buf[this.#at++] = (lo & 0x7f) | 0x80
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    this.#varint32(lo)
  }

  #fixed64(value: number | bigint): void {
    if (typeof value === 'number') this.#halves(value, Math.floor(value / TWO_32))
    else {
      this.#view.setBigUint64(this.#at, BigInt.asUintN(64, value), true)
      this.#at += 8
    }
  }

  #halves(low: number, high: number): void {
    this.#view.setUint32(this.#at, low, true) // ToUint32: modulo 2^32, exact below 2^53
    this.#view.setUint32(this.#at + 4, high, true)
    this.#at += 8
  }

  #double(value: number): void {
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  /** False, and nothing written, if a character takes more than one byte. */
  #ascii(text: string): boolean {
    const buf = this.#buf
    const start = this.#at + 1
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      buf[start + i] = code
    }
    buf[this.#at] = text.length
    this.#at = start + text.length
    return true
  }

  #utf8(text: string): void {
    const length = Buffer.byteLength(text)
    this.#varint32(length)
    this.#buf.write(text, this.#at, length, 'utf8')
    this.#at += length
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed > this.#buf.length) this.#replace(Math.max(needed, this.#buf.length * 2))
  }

  #replace(bytes: number): void {
    const old = this.#buf
    this.#buf = Buffer.allocUnsafeSlow(bytes)
    old.copy(this.#buf, 0, 0, this.#at)
    this.#view = viewOf(this.#buf)
  }
}

function viewOf(buf: Buffer): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.length)
}

function varintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/** The value of a hexadecimal digit's character code, in either case. */
function digit(code: number): number {
  return (code & 0xf) + (code > 0x39 ? 9 : 0)
}
