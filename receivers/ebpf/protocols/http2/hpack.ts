import { DynamicTable, type Entry, entryOf } from './dynamic_table.ts'
import { type BlockField, RepeatedBlock } from './repeated_block.ts'
import { STATIC_TABLE } from './static_table.ts'
import { stringLiteral } from './string_literals.ts'

/** Told each field of a block, in order. `name` undefined: an index from before the connection was watched. */
export type OnField = (name: string | undefined, value: string) => void

/** Larger is no index, no length and no table. */
const MAX_INTEGER = 1 << 24
const EMPTY = new Uint8Array(0)
const UNKNOWN = { name: undefined, value: '' }

/**
 * Decodes one direction's header blocks, which must all pass through it, in their order.
 * Source: https://www.rfc-editor.org/rfc/rfc7541#section-6
 *
 *     1 index(7)                        a field of a table
 *     01 index(6) [name] value          a new field, which enters the table
 *     001 size(5)                       the table's new maximum, in front of all fields
 *     000x index(4) [name] value        a new field, which does not
 */
export class HpackDecoder {
  readonly #table = new DynamicTable()
  #bytes: Uint8Array = EMPTY
  #at = 0
  /** What is at `#at` makes no sense. */
  #failed = false
  readonly #repeated = new RepeatedBlock()
  /** Fields of the block that is decoded; undefined when they are not gathered, or refer to blocks before. */
  #fields: BlockField[] | undefined

  /** Blocks were missed: whatever is not literal or static is unknown. */
  forget(): void {
    this.#table.forget()
  }

  /** False: it is no header block, and what it did to the table is void. */
  decode(block: Uint8Array, onField: OnField): boolean {
    const same = this.#repeated.of(block)
    if (same !== undefined) {
      this.#repeat(same, onField)
      return true
    }
    this.#fields = this.#repeated.wants(block) ? [] : undefined
    const isRight = this.#decode(block, onField)
    if (isRight && this.#fields !== undefined) this.#repeated.keep(block, this.#fields)
    return isRight
  }

  #repeat(fields: readonly BlockField[], onField: OnField): void {
    for (let i = 0; i < fields.length; i++) {
      const { entry, enters } = fields[i] as BlockField
      if (enters) this.#table.add(entry)
      onField(entry.name, entry.value)
    }
  }

  #decode(block: Uint8Array, onField: OnField): boolean {
    this.#bytes = block
    this.#at = 0
    this.#failed = false
    let sizes = true
    while (this.#at < block.length && !this.#failed) {
      const first = block[this.#at] as number
      if ((first & 0xe0) === 0x20) {
        this.#failed = !sizes
        this.#fields = undefined
        this.#table.resize(this.#integer(0x1f))
        continue
      }
      sizes = false
      if (first >= 0x80) this.#indexed(onField)
      else this.#literal(first >= 0x40, onField)
    }
    this.#bytes = EMPTY
    return !this.#failed
  }

  #indexed(onField: OnField): void {
    const { name, value } = this.#entry(this.#integer(0x7f))
    if (this.#failed) return
    this.#fields?.push({ entry: entryOf(name, value), enters: false })
    onField(name, value)
  }

  #literal(enters: boolean, onField: OnField): void {
    const index = this.#integer(enters ? 0x3f : 0x0f)
    const name = index === 0 ? this.#string() : this.#entry(index).name
    const value = this.#string()
    if (this.#failed) return
    if (enters || this.#fields !== undefined) {
      const entry = entryOf(name, value)
      if (enters) this.#table.add(entry)
      this.#fields?.push({ entry, enters })
    }
    onField(name, value)
  }

  #entry(index: number): Pick<Entry, 'name' | 'value'> {
    const isStatic = index <= STATIC_TABLE.length
    if (!isStatic) this.#fields = undefined
    const known = isStatic
      ? STATIC_TABLE[index - 1]
      : this.#table.get(index - STATIC_TABLE.length - 1)
    if (known === undefined && (index === 0 || this.#table.isComplete)) this.#failed = true
    return known ?? UNKNOWN
  }

  /** Source: RFC 7541, section 5.1 */
  #integer(prefix: number): number {
    let value = (this.#bytes[this.#at++] as number) & prefix
    if (value < prefix) return value
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value += (byte & 0x7f) << shift
      if (byte < 0x80 && value <= MAX_INTEGER) return value
    }
    this.#failed = true
    return 0
  }

  /** Source: RFC 7541, section 5.2 */
  #string(): string {
    const first = this.#bytes[this.#at]
    if (first === undefined || this.#failed) {
      this.#failed = true
      return ''
    }
    const length = this.#integer(0x7f)
    const start = this.#at
    this.#at += length
    if (this.#failed || this.#at > this.#bytes.length) {
      this.#failed = true
      return ''
    }
    const text = stringLiteral(this.#bytes, start, this.#at, first >= 0x80)
    if (text === undefined) this.#failed = true
    return text ?? ''
  }
}
