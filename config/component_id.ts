import { type Expanded, goType } from './expanded.ts'
import { textOf } from './scalars.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

/** `type` or `type/name`. */
export interface ComponentId {
  readonly type: string
  /** With the blanks round both parts cut off. */
  readonly id: string
}

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u

/** Splits an id, or says in the Collector's words why it is none. */
export function parseId(text: string): ComponentId | { readonly error: string } {
  const quoted = JSON.stringify(text)
  const slash = text.indexOf('/')
  const type = (slash < 0 ? text : text.slice(0, slash)).trim()
  const name = slash < 0 ? undefined : text.slice(slash + 1).trim()
  if (type === '' && name === undefined) return { error: 'id must not be empty' }
  if (type === '') return { error: `in ${quoted} id: the part before / should not be empty` }
  if (name === '') return { error: `in ${quoted} id: the part after / should not be empty` }
  if (!TYPE.test(type)) return { error: `invalid character(s) in type ${JSON.stringify(type)}` }
  if (name === undefined) return { type, id: type }
  if (!NAME.test(name)) return { error: `invalid character(s) in name ${JSON.stringify(name)}` }
  return { type, id: `${type}/${name}` }
}

/** A reference to a component, as written in a pipeline. Whether there is one of that name is checked later. */
export class ComponentIdSchema extends Schema<string> {
  protected convert(node: Expanded, reader: Reader): string | Invalid {
    const text = textOf(node)
    if (text === undefined) {
      return reader.error(
        `${reader.name} expected the id of a component, got unconvertible type '${goType(node.value)}'`,
      )
    }
    const parsed = parseId(text)
    return 'id' in parsed ? parsed.id : text
  }

  protected shape(): JsonSchema {
    return { type: 'string' }
  }
}
