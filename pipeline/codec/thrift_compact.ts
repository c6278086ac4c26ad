import { MAX_DEPTH, ThriftBytes, type ThriftField, type ThriftInput, ThriftType } from './thrift.ts'

const { stop, bool, byte, double, i16, i32, i64, binary, list, set, map, struct } = ThriftType

/** Types of the binary protocol for those of this one; 1 and 2 are the two values of a bool. */
const TYPES: readonly number[] = [
  stop,
  bool,
  bool,
  byte,
  i16,
  i32,
  i64,
  double,
  binary,
  list,
  set,
  map,
  struct,
]
const TRUE = 1
const LONG_SIZE = 15
const MAX_VARINT_BITS = 64n

/**
 * Reads Thrift's compact protocol without ever throwing, as `ThriftReader` does the binary one.
 * Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export class ThriftCompactReader extends ThriftBytes implements ThriftInput {
  /** Ids of fields are differences; one of each struct around. */
  readonly #outer: number[] = []
  #lastId = 0
  /** Of a field, a bool is in its type; in a list it is a byte. */
  #bool: boolean | undefined

  begin(): void {
    this.#outer.push(this.#lastId)
    this.#lastId = 0
    if (this.#outer.length > MAX_DEPTH) this.fail('nested too deep')
  }

  end(): void {
    this.#lastId = this.#outer.pop() ?? 0
  }

  field(): ThriftField {
    const head = this.byte()
    const type = head & 0x0f
    if (type === stop || this.fault !== undefined) return { type: stop, id: 0 }
    const delta = head >> 4
    this.#lastId = delta === 0 ? this.i16() : this.#lastId + delta
    this.#bool = type <= 2 ? type === TRUE : undefined
    return { type: this.#typeOf(type), id: this.#lastId }
  }

  #typeOf(type: number): number {
    const found = TYPES[type]
    if (found === undefined) this.fail(`type ${type}`)
    return found ?? stop
  }

  list(type: number): number {
    const [found, size] = this.#listHead()
    if (size > 0 && found !== type) this.fail(`a list of type ${found} instead of ${type}`)
    return this.fault === undefined ? size : 0
  }

  #listHead(): readonly [type: number, size: number] {
    const head = this.byte()
    const short = head >> 4
    const size = short === LONG_SIZE ? this.size() : short
    if (size > this.left) this.fail(`a list of ${size} elements`)
    return [this.#typeOf(head & 0x0f), size]
  }

  byte(): number {
    return this.has(1) ? (this.buf[this.at++] ?? 0) : 0
  }

  bool(): boolean {
    const value = this.#bool ?? this.byte() === TRUE
    this.#bool = undefined
    return value
  }

  i16(): number {
    return Number(BigInt.asIntN(16, this.i64()))
  }

  i32(): number {
    return Number(BigInt.asIntN(32, this.i64()))
  }

  i64(): bigint {
    const value = this.#varint()
    return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
  }

  double(): number {
    return this.has(8) ? this.buf.readDoubleLE(this.advance(8)) : 0
  }

  binary(): Buffer {
    return this.take(this.size())
  }

  string(): string {
    return this.binary().toString('utf8')
  }

  /** An unsigned number, no larger than the message. */
  size(): number {
    const size = this.#varint()
    if (size <= BigInt(this.buf.length)) return Number(size)
    this.fail(`a size of ${size}`)
    return 0
  }

  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < MAX_VARINT_BITS; shift += 7n) {
      const part = this.byte()
      value |= BigInt(part & 0x7f) << shift
      if (part < 0x80) return value
    }
    this.fail('a number without an end')
    return 0n
  }

  skip(type: number, depth = 0): void {
    if (depth > MAX_DEPTH) this.fail('nested too deep')
    else if (type === bool) this.bool()
    else if (type === byte) this.byte()
    else if (type === i16 || type === i32 || type === i64) this.#varint()
    else if (type === double) this.double()
    else if (type === binary) this.binary()
    else if (type === struct) this.#skipStruct(depth)
    else if (type === list || type === set) this.#skipList(depth)
    else if (type === map) this.#skipMap(depth)
    else this.fail(`type ${type}`)
  }

  #skipStruct(depth: number): void {
    this.begin()
    for (let it = this.field(); it.type !== stop; it = this.field()) this.skip(it.type, depth + 1)
    this.end()
  }

  #skipList(depth: number): void {
    const [type, size] = this.#listHead()
    for (let i = 0; i < size && this.fault === undefined; i++) this.skip(type, depth + 1)
  }

  #skipMap(depth: number): void {
    const size = this.size()
    const types = size === 0 ? 0 : this.byte()
    for (let i = 0; i < size && this.fault === undefined; i++) {
      this.skip(this.#typeOf(types >> 4), depth + 1)
      this.skip(this.#typeOf(types & 0x0f), depth + 1)
    }
  }
}
