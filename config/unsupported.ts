import { type Expanded, isList, isMap } from './expanded.ts'
import { INVALID, type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

/** A key that the Collector has and weir accepts without effect; who writes it is warned with the reason. */
export class UnsupportedSchema extends Schema<undefined> {
  private readonly reason: string
  private readonly form: Schema<unknown> | undefined
  /** `form` is what the Collector takes there: all else is an error all the same. */
  constructor(reason: string, form?: Schema<unknown>) {
    super()
    this.reason = reason
    this.form = form
    this.fallback = { value: undefined }
  }

  protected convert(node: Expanded, reader: Reader): undefined | Invalid {
    if (this.form?.read(node, reader) === INVALID) return INVALID
    if (!isEmpty(node)) reader.warn(`has no effect: ${this.reason}`)
    return undefined
  }

  protected shape(): JsonSchema {
    return { ...this.form?.json(), description: `No effect: ${this.reason}.` }
  }
}

const isEmpty = ({ value }: Expanded): boolean =>
  value === null || (isList(value) && value.length === 0) || (isMap(value) && value.size === 0)
