import { type Expanded, isList, isMap } from './expanded.ts'
import { type JsonSchema, type Reader, Schema } from './schema.ts'

/** A key that the Collector has and weir accepts without effect; who writes it is warned with the reason. */
export class UnsupportedSchema extends Schema<undefined> {
  private readonly reason: string
  constructor(reason: string) {
    super()
    this.reason = reason
    this.fallback = { value: undefined }
  }

  protected convert(node: Expanded, reader: Reader): undefined {
    if (!isEmpty(node)) reader.warn(`has no effect: ${this.reason}`)
    return undefined
  }

  protected shape(): JsonSchema {
    return { description: `No effect: ${this.reason}.` }
  }
}

const isEmpty = ({ value }: Expanded): boolean =>
  value === null || (isList(value) && value.length === 0) || (isMap(value) && value.size === 0)
