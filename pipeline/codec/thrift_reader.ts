import { MAX_DEPTH, ThriftBytes, type ThriftField, type ThriftInput, ThriftType } from './thrift.ts'

const FIXED: Readonly<Record<number, number>> = { 2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8 }

/**
 * Reads Thrift's binary protocol without ever throwing: after the first fault `fault` says what it was, `field` gives a stop and
 * the other methods give zeros, so that every loop ends. Bytes are hostile.
 */
export class ThriftReader extends ThriftBytes implements ThriftInput {
  begin(): void {}

  end(): void {}

  /** The next field of a struct; of type stop at its end. */
  field(): ThriftField {
    const type = this.byte()
    return { type, id: type === ThriftType.stop ? 0 : this.i16() }
  }

  /** How many elements of `type` follow; none if they are of another one. */
  list(type: number): number {
    const found = this.byte()
    const size = this.i32()
    if (size < 0 || size > this.left) this.fail(`a list of ${size} elements`)
    else if (size > 0 && found !== type) this.fail(`a list of type ${found} instead of ${type}`)
    return this.fault === undefined ? size : 0
  }

  byte(): number {
    return this.has(1) ? this.buf.readInt8(this.advance(1)) : 0
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  i16(): number {
    return this.has(2) ? this.buf.readInt16BE(this.advance(2)) : 0
  }

  i32(): number {
    return this.has(4) ? this.buf.readInt32BE(this.advance(4)) : 0
  }

  i64(): bigint {
    return this.has(8) ? this.buf.readBigInt64BE(this.advance(8)) : 0n
  }

  double(): number {
    return this.has(8) ? this.buf.readDoubleBE(this.advance(8)) : 0
  }

  /** A copy, which the caller owns. */
  binary(): Buffer {
    return this.bytes(this.i32())
  }

  /** The same of a length that is known. */
  bytes(length: number): Buffer {
    if (length < 0) this.fail(`a length of ${length}`)
    return this.take(length)
  }

  string(): string {
    return this.binary().toString('utf8')
  }

  /** Passes over a value that is of no interest. */
  skip(type: number, depth = 0): void {
    const bytes = FIXED[type]
    if (depth > MAX_DEPTH) this.fail('nested too deep')
    else if (bytes !== undefined) this.#pass(bytes)
    else if (type === ThriftType.binary) this.binary()
    else if (type === ThriftType.struct) this.#skipStruct(depth)
    else if (type === ThriftType.list || type === ThriftType.set) {
      this.#skipAll([this.byte()], depth)
    } else if (type === ThriftType.map) this.#skipAll([this.byte(), this.byte()], depth)
    else this.fail(`type ${type}`)
  }

  #skipStruct(depth: number): void {
    for (let it = this.field(); it.type !== ThriftType.stop; it = this.field()) {
      this.skip(it.type, depth + 1)
    }
  }

  #skipAll(types: readonly number[], depth: number): void {
    const size = this.i32()
    if (size < 0 || size > this.left) this.fail(`a size of ${size}`)
    for (let i = 0; i < size && this.fault === undefined; i++) {
      for (const type of types) this.skip(type, depth + 1)
    }
  }

  #pass(bytes: number): void {
    if (this.has(bytes)) this.advance(bytes)
  }
}
