import type { Attribute, Attributes } from '../data/attributes.ts'
import { encodeAttribute } from './encode_common.ts'
import { LazyAttribute } from './lazy_attribute.ts'
import { ProtobufReader } from './protobuf_reader.ts'
import { type LengthBytes, ProtobufWriter } from './protobuf_writer.ts'
import { ATTRIBUTES, CONTAINERS, codeOf, ITEM, MESSAGE_SHIFT } from './shapes.ts'
import { len } from './wire.ts'

export interface MappedBytes {
  /** The very body if no item changed. */
  readonly body: Uint8Array
  /** Of items that changed: the others were not touched. */
  readonly repaired: number
  readonly tooDeep: number
}

/**
 * Changes the attributes of all items in the body of a message that has passed the scan. Of an item that
 * `change` gives back as it was, and of all that is no changed attribute, the bytes are copied.
 */
export function mapAttributesInBytes(
  body: Uint8Array,
  message: number,
  change: (attributes: Attributes) => Attributes,
): MappedBytes {
  const mapper = new BytesMapper(body, change)
  mapper.container(message)
  return mapper.finish()
}

const writer = new ProtobufWriter()

class BytesMapper {
  readonly #body: Uint8Array
  readonly #reader: ProtobufReader
  readonly #change: (attributes: Attributes) => Attributes
  /** All before it is written. */
  #copied = 0
  #changed = false

  constructor(body: Uint8Array, change: (attributes: Attributes) => Attributes) {
    this.#body = body
    this.#reader = new ProtobufReader(body)
    this.#change = change
    writer.reset()
  }

  finish(): MappedBytes {
    const { repaired, tooDeep } = this.#reader
    if (!this.#changed) return { body: this.#body, repaired, tooDeep }
    this.#copyTo(this.#body.length)
    return { body: writer.toBytes(), repaired, tooDeep }
  }

  /** Recursive, but items lie five messages deep at most: the rest is copied. */
  container(message: number): void {
    const r = this.#reader
    for (let start = r.position; !r.atEnd; start = r.position) {
      const tag = r.tag()
      const code = codeOf(message, tag)
      const inner = code >>> MESSAGE_SHIFT
      if ((code & ITEM) !== 0) this.#item(tag, start, len(ATTRIBUTES[inner] as number))
      else if (CONTAINERS.has(inner)) this.#nested(tag, start, inner)
      else r.skip(tag, 0)
    }
  }

  #nested(tag: number, start: number, inner: number): void {
    const r = this.#reader
    this.#copyTo(start)
    const outer = r.enter()
    const expected = Math.min(4, r.position - start - 1) as LengthBytes
    const begun = writer.begin(tag, expected)
    this.#copied = r.position
    this.container(inner)
    this.#copyTo(r.position)
    writer.end(begun, expected)
    r.leave(outer)
  }

  #item(tag: number, start: number, attributesTag: number): void {
    const r = this.#reader
    const { repaired, tooDeep } = r
    const outer = r.enter()
    const from = r.position
    const before = this.#readAttributes(attributesTag)
    const end = r.position
    r.leave(outer)
    const after = this.#change(before)
    if (after === before) {
      r.repaired = repaired
      r.tooDeep = tooDeep
      return
    }
    this.#changed = true
    this.#copyTo(start)
    const begun = writer.begin(tag, 2)
    this.#copied = from
    this.#writeAttributes(attributesTag, before, after, end)
    writer.end(begun, 2)
  }

  #readAttributes(attributesTag: number): LazyAttribute[] {
    const r = this.#reader
    const attributes: LazyAttribute[] = []
    for (let start = r.position; !r.atEnd; start = r.position) {
      const tag = r.tag()
      if (tag === attributesTag) attributes.push(new LazyAttribute(r, this.#body, start))
      else r.skip(tag, 0)
    }
    return attributes
  }

  /** What stays where it was is copied with all around it; anything else is cut out, and written where it stands in the order. */
  #writeAttributes(
    tag: number,
    before: readonly LazyAttribute[],
    after: Attributes,
    end: number,
  ): void {
    let next = 0
    for (let i = 0; i < before.length; i++) {
      const held = before[i] as LazyAttribute
      const wanted = after[next]
      if (wanted === held && !held.isRepaired) {
        next += 1
        continue
      }
      this.#copyTo(held.start)
      this.#copied = held.end
      const isDeleted = i + 1 < before.length && before[i + 1] === wanted
      if (wanted === undefined || isDeleted) continue
      encodeAttribute(writer, tag, wanted)
      next += 1
    }
    this.#copyTo(end)
    for (; next < after.length; next++) encodeAttribute(writer, tag, after[next] as Attribute)
  }

  #copyTo(end: number): void {
    writer.copy(this.#body, this.#copied, end)
    this.#copied = end
  }
}
