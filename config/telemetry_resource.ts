import { type Expanded, goType, isList, isMap } from './expanded.ts'
import { INVALID, type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

/** `service::telemetry::resource`: a map of strings in which null takes an attribute away, or lists under `attributes`. */
export class ResourceSchema extends Schema<undefined> {
  protected convert({ value }: Expanded, reader: Reader): undefined | Invalid {
    if (value === null) return undefined
    if (!isMap(value)) {
      return reader.error(
        `${reader.name} expected a map, got unconvertible type '${goType(value)}'`,
      )
    }
    if (isNewForm(value.get('attributes')?.node)) return undefined
    let ok = true
    for (const [key, { node }] of value) {
      if (node.value === null || typeof node.value === 'string' || node.text !== undefined) continue
      reader.error(`resource attribute "${key}" must be string or null`, node.origin)
      ok = false
    }
    return ok ? undefined : INVALID
  }

  protected shape(): JsonSchema {
    return { type: ['object', 'null'] }
  }
}

const isNewForm = (attributes: Expanded | undefined): boolean =>
  attributes !== undefined && isList(attributes.value)
