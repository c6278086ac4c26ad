/** Types of fields. Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md */
export const ThriftType = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  binary: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const

export interface ThriftField {
  readonly type: number
  readonly id: number
}

/** What both protocols of Thrift can be read by. Types are those of the binary one. */
export interface ThriftInput {
  readonly fault: string | undefined
  /** Around the fields of a struct. */
  begin(): void
  end(): void
  field(): ThriftField
  list(type: number): number
  bool(): boolean
  i16(): number
  i32(): number
  i64(): bigint
  double(): number
  binary(): Buffer
  string(): string
  skip(type: number): void
}

/** Structs, lists and maps within one another. */
export const MAX_DEPTH = 32

/** Hostile bytes that are read from the front to the back, without ever throwing: after the first fault they are at their end. */
export abstract class ThriftBytes {
  protected readonly buf: Buffer
  protected at = 0
  #fault: string | undefined

  constructor(bytes: Uint8Array) {
    this.buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get fault(): string | undefined {
    return this.#fault
  }

  /** Records the first fault and moves to the end. */
  fail(fault: string): void {
    this.#fault ??= `${fault} at byte ${this.at}`
    this.at = this.buf.length
  }

  /** Whether so many are left; if not, that is a fault. */
  protected has(bytes: number): boolean {
    if (this.left >= bytes) return true
    this.fail('the message ends within a field')
    return false
  }

  protected get left(): number {
    return this.buf.length - this.at
  }

  /** Where so many bytes begin, which are passed. */
  protected advance(bytes: number): number {
    const { at } = this
    this.at += bytes
    return at
  }

  /** A copy of so many bytes, which the caller owns; empty if they are not there. */
  protected take(bytes: number): Buffer {
    if (this.fault !== undefined || !this.has(bytes)) return Buffer.alloc(0)
    const from = this.advance(bytes)
    return Buffer.from(this.buf.subarray(from, from + bytes))
  }
}
