import type { UnixTime } from '../data/time.ts'
import { ByteWriter } from './byte_writer.ts'

const SHORT_TEXT = 64 // UTF-16 units; up to here a loop beats the call into C++
const SHORT_SET = 16 // bytes; the same of typed arrays' `set`
const SHORT_COPY = 24 // bytes; the same of Buffer's `copy`, which takes a part without an object for it
const { copy } = Buffer.prototype
const TWO_32 = 2 ** 32

/** How many bytes a length is expected to take: a wrong guess costs one move of the message's bytes. */
export type LengthBytes = 1 | 2 | 3 | 4

/**
 * Writes protobuf into one growing buffer that is used again and again. Field methods take the whole tag
 * (`field << 3 | wire type`), below 2^14. The caller leaves out what has its default value.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter extends ByteWriter {
  /** Begins a nested message; give what this returns to `end`. */
  begin(tag: number, expected: LengthBytes): number {
    this.room(10)
    this.putTag(tag)
    this.at += expected
    return this.at
  }

  /** Ends the message that starts at `start`, which was begun with the same `expected`. */
  end(start: number, expected: LengthBytes): void {
    const length = this.at - start
    const needed = varintBytes(length)
    if (needed !== expected) {
      this.room(needed)
      this.buf.copyWithin(start - expected + needed, start, this.at)
      this.at += needed - expected
    }
    const after = this.at
    this.at = start - expected
    this.putVarint32(length)
    this.at = after
  }

  /** `value` is a whole number of at most 32 bits, unsigned. */
  uint32(tag: number, value: number): void {
    this.room(10)
    this.putTag(tag)
    this.putVarint32(value >>> 0)
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
    this.room(15)
    this.putTag(tag)
    this.putVarint64(value)
  }

  fixed32(tag: number, value: number): void {
    this.room(10)
    this.putTag(tag)
    this.putFixed32(value)
  }

  double(tag: number, value: number): void {
    this.room(15)
    this.putTag(tag)
    this.putDouble(value)
  }

  fixed64(tag: number, value: number | bigint): void {
    this.room(15)
    this.putTag(tag)
    this.putFixed64(value)
  }

  /** A fixed64 of two whole numbers below 2^32. */
  halves64(tag: number, low: number, high: number): void {
    this.room(15)
    this.putTag(tag)
    this.putHalves(low, high)
  }

  /** Nanoseconds since 1970 as fixed64, exact and without a bigint: seconds times 1e9 in two halves of 16 bits. */
  time(tag: number, [seconds, nanoseconds]: UnixTime): void {
    this.room(15)
    this.putTag(tag)
    const high = Math.floor(seconds / 65536) * 1e9
    const low = (seconds % 65536) * 1e9 + nanoseconds + (high % 65536) * 65536
    this.putHalves(low, Math.floor(high / 65536) + Math.floor(low / TWO_32))
  }

  string(tag: number, text: string): void {
    this.room(10 + text.length * 3)
    this.putTag(tag)
    if (text.length > SHORT_TEXT || !this.putAscii(text)) this.putUtf8(text)
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.room(10 + bytes.length)
    this.putTag(tag)
    this.putVarint32(bytes.length)
    this.raw(bytes)
  }

  /** `hex` has an even number of hexadecimal digits. */
  hex(tag: number, hex: string): void {
    this.room(10 + hex.length)
    this.putTag(tag)
    this.putVarint32(hex.length >> 1)
    for (let i = 0; i + 1 < hex.length; i += 2) {
      this.buf[this.at++] = (digit(hex.charCodeAt(i)) << 4) | digit(hex.charCodeAt(i + 1))
    }
  }

  /** The same of `chars` digits at `from` of `bytes`. */
  hexSlice(tag: number, bytes: Uint8Array, from: number, chars: number): void {
    this.head(tag, chars >> 1)
    this.room(chars >> 1)
    for (let i = from; i < from + chars; i += 2) {
      this.buf[this.at++] = (digit(bytes[i] as number) << 4) | digit(bytes[i + 1] as number)
    }
  }

  /** The bytes from `from` to `to` of what was written, in hexadecimal. */
  hexOf(from: number, to: number): string {
    return this.buf.toString('hex', from, to)
  }

  /** Copies the bytes from `from` to `to` of what was written to `target` at `at`. */
  copyTo(target: Uint8Array, at: number, from: number, to: number): void {
    this.buf.copy(target, at, from, to)
  }

  packedDoubles(tag: number, values: readonly number[]): void {
    this.#packed(tag, values.length)
    for (const value of values) this.putDouble(value)
  }

  packedFixed64(tag: number, values: readonly (number | bigint)[]): void {
    this.#packed(tag, values.length)
    for (const value of values) this.putFixed64(value)
  }

  packedVarints(tag: number, values: readonly (number | bigint)[]): void {
    const start = this.begin(tag, 1)
    for (const value of values) {
      this.room(10)
      this.putVarint64(value)
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
    this.room(15)
    this.putTag(tag)
    this.putVarint32(length)
  }

  /** Bytes as they are: whole fields that were written elsewhere. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes
    this.room(length)
    if (length > SHORT_SET) this.buf.set(bytes, this.at)
    else for (let i = 0; i < length; i++) this.buf[this.at + i] = bytes[i] as number
    this.at += length
  }

  /** The same of a part of `bytes`. */
  copy(bytes: Uint8Array, from: number, to: number): void {
    this.room(to - from)
    if (to - from > SHORT_COPY) copy.call(bytes, this.buf, this.at, from, to)
    else for (let i = from; i < to; i++) this.buf[this.at + i - from] = bytes[i] as number
    this.at += to - from
  }

  /** The same of what another one has written. */
  append(from: ProtobufWriter, start: number, end: number): void {
    this.copy(from.buf, start, end)
  }

  #packed(tag: number, count: number): void {
    this.room(10 + count * 8)
    this.putTag(tag)
    this.putVarint32(count * 8)
  }
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
