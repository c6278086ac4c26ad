import { isUtf8 } from 'node:buffer'
import { cachedString, cacheString } from './string_cache.ts'

const TWO_32 = 2 ** 32

/**
 * Reads protobuf without ever throwing: after the first fault `fault` says what it was, `tag` gives 0 and
 * the other methods give zeros, so that every loop ends. Bytes are hostile.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  readonly #buf: Buffer
  readonly #view: DataView
  #at: number
  #end: number
  #fault: string | undefined
  /** How many strings were not UTF-8; each was repaired with U+FFFD. */
  repaired = 0
  /** How many values were nested too deep: the decoders count here. */
  tooDeep = 0

  constructor(bytes: Uint8Array) {
    this.#buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#at = 0
    this.#end = bytes.length
  }

  get fault(): string | undefined {
    return this.#fault
  }

  get atEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Bytes from the beginning of what the reader was given. */
  get position(): number {
    return this.#at
  }

  /** The next tag, or 0 at the end of the message. */
  tag(): number {
    if (this.#at >= this.#end) return 0
    const tag = this.uint32()
    if (this.#fault === undefined && tag >>> 3 === 0) this.fail('field number 0')
    return this.#fault === undefined ? tag : 0
  }

  /** Records the first fault and moves to the end. */
  fail(fault: string): void {
    this.#fault ??= `${fault} at byte ${this.#at}`
    this.#at = this.#end
  }

  /** Enters a nested message; give what this returns to `leave`. */
  enter(): number {
    const length = this.length()
    const outer = this.#end
    this.#end = this.#at + length
    return outer
  }

  leave(outer: number): void {
    this.#at = this.#fault === undefined ? this.#end : outer
    this.#end = outer
  }

  /** A length that the rest of the message can hold, or 0 and a fault. */
  length(): number {
    const length = this.uint32()
    if (length <= this.#end - this.#at) return length
    this.fail(`length ${length} goes beyond the message`)
    return 0
  }

  /** Skips a field. `known` has the bits of the field numbers that have another wire type: those are faults. */
  skip(tag: number, known: number): void {
    const field = tag >>> 3
    if (field < 32 && ((known >>> field) & 1) === 1) {
      this.fail(`wire type ${tag & 7} for field ${field}`)
      return
    }
    const wire = tag & 7
    if (wire === 0) this.#skipVarint()
    else if (wire === 1) this.advance(8)
    else if (wire === 2) this.advance(this.length())
    else if (wire === 5) this.advance(4)
    else this.fail(`wire type ${wire}`)
  }

  /** The low 32 bits of a varint. */
  uint32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) return this.#truncated()
      const byte = this.#buf[this.#at++] as number
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    this.fail('a varint longer than 10 bytes')
    return 0
  }

  int32(): number {
    return this.uint32() | 0
  }

  sint32(): number {
    const zigzag = this.uint32()
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  bool(): boolean {
    const before = this.#at
    const low = this.uint32()
    return low !== 0 || this.#at - before > 5
  }

  int64(): number | bigint {
    return this.#varint64(true)
  }

  uint64(): number | bigint {
    return this.#varint64(false)
  }

  fixed32(): number {
    if (!this.#has(4)) return 0
    const value = this.#view.getUint32(this.#at, true)
    this.#at += 4
    return value
  }

  fixed64(): number | bigint {
    if (!this.#has(8)) return 0
    const low = this.#view.getUint32(this.#at, true)
    const high = this.#view.getUint32(this.#at + 4, true)
    this.#at += 8
    return join(low, high)
  }

  sfixed64(): number | bigint {
    if (!this.#has(8)) return 0
    const low = this.#view.getUint32(this.#at, true)
    const high = this.#view.getInt32(this.#at + 4, true)
    this.#at += 8
    return join(low, high)
  }

  double(): number {
    if (!this.#has(8)) return 0
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  /** Nanoseconds of a fixed64, exact and without a bigint. */
  time(): readonly [seconds: number, nanoseconds: number] {
    if (!this.#has(8)) return [0, 0]
    const low = this.#view.getUint32(this.#at, true)
    const high = this.#view.getUint32(this.#at + 4, true)
    this.#at += 8
    // By schoolbook division in base 2^16, so that no step leaves 2^53.
    const top = high * 65536 + (low >>> 16)
    const seconds = Math.floor(top / 1e9)
    const rest = (top - seconds * 1e9) * 65536 + (low & 0xffff)
    const more = Math.floor(rest / 1e9)
    return [seconds * 65536 + more, rest - more * 1e9]
  }

  string(): string {
    const length = this.length()
    const start = this.#at
    this.#at += length
    if (length === 0) return ''
    const cached = cachedString(this.#buf, start, length)
    if (cached !== undefined) return cached
    const text = this.#buf.toString('utf8', start, this.#at)
    cacheString(this.#buf, start, text, length)
    if (text.includes('\ufffd') && !isUtf8(this.#buf.subarray(start, this.#at))) this.repaired += 1
    return text
  }

  /** A copy, which the caller owns. */
  bytes(): Uint8Array {
    const length = this.length()
    const start = this.#at
    this.#at += length
    return new Uint8Array(this.#buf.subarray(start, this.#at))
  }

  /** An id of exactly `bytes` bytes, or none, as lowercase hex. */
  id(bytes: number): string {
    const length = this.length()
    if (length !== 0 && length !== bytes) this.fail(`an id of ${length} bytes instead of ${bytes}`)
    if (length === 0 || this.#fault !== undefined) return ''
    this.#at += length
    return this.#buf.toString('hex', this.#at - length, this.#at)
  }

  #varint64(signed: boolean): number | bigint {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) return this.#truncated()
      const byte = this.#buf[this.#at++] as number
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return join(low >>> 0, signed ? high : high >>> 0)
    }
    this.fail('a varint longer than 10 bytes')
    return 0
  }

  #skipVarint(): void {
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) {
        this.#truncated()
        return
      }
      if ((this.#buf[this.#at++] as number) < 0x80) return
    }
    this.fail('a varint longer than 10 bytes')
  }

  /** Passes over bytes. */
  advance(bytes: number): void {
    if (this.#has(bytes)) this.#at += bytes
  }

  #has(bytes: number): boolean {
    if (this.#end - this.#at >= bytes) return true
    this.#truncated()
    return false
  }

  #truncated(): 0 {
    this.fail('the message ends within a field')
    return 0
  }
}

/** A number if it is exact, else a bigint. `high` may be negative. */
function join(low: number, high: number): number | bigint {
  const value = high * TWO_32 + low
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low)
}
