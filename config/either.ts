import type { Expanded } from './expanded.ts'
import { isMap } from './expanded.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

/** A map is read by one schema, everything else by the other. */
export class EitherSchema<T, U> extends Schema<T | U> {
  private readonly plain: Schema<T>
  private readonly section: Schema<U>
  constructor(plain: Schema<T>, section: Schema<U>) {
    super()
    this.plain = plain
    this.section = section
  }

  protected convert(node: Expanded, reader: Reader): T | U | Invalid {
    return isMap(node.value) ? this.section.read(node, reader) : this.plain.read(node, reader)
  }

  protected shape(): JsonSchema {
    const { type, ...section } = this.section.json()
    return { ...section, type: [this.plain.json()['type'], 'object'] }
  }
}
