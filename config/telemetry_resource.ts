import type { AttributeValue } from '@opentelemetry/api'
import { type Expanded, goType, isList, isMap, type MapValue, toPlain } from './expanded.ts'
import { enumOf, list, object, text } from './fields.ts'
import { INVALID, type Invalid, type JsonSchema, type Reader, Schema } from './schema.ts'

/** Attributes of weir's own resource; null takes one away that weir would set. */
export type ConfiguredResource = ReadonlyMap<string, AttributeValue | null>

const isString = (value: unknown): boolean => typeof value === 'string'
const isBool = (value: unknown): boolean => typeof value === 'boolean'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isListOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is)

const TYPES = {
  string: isString,
  bool: isBool,
  int: Number.isSafeInteger,
  double: isNumber,
  string_array: isListOf(isString),
  bool_array: isListOf(isBool),
  int_array: isListOf(Number.isSafeInteger),
  double_array: isListOf(isNumber),
} as const

type TypeName = keyof typeof TYPES

/** The value as it was written: what counts of it is known when its type is. */
class NodeSchema extends Schema<Expanded> {
  protected convert(node: Expanded): Expanded {
    return node
  }

  protected shape(): JsonSchema {
    return {}
  }
}

/** The form of OpenTelemetry's declarative configuration. */
const declarative = object({
  attributes: list(
    object({
      name: text().describe('Of the attribute.'),
      value: new NodeSchema(),
      type: enumOf(Object.keys(TYPES) as TypeName[])
        .optional()
        .describe('Of the value; by what is written if missing.'),
    }),
  ).describe('Attributes.'),
  schema_url: text().default('').describe('Accepted; own telemetry names no schema.'),
})

/** `service::telemetry::resource`: a map of strings in which null takes an attribute away, or lists under `attributes`. */
export class ResourceSchema extends Schema<ConfiguredResource> {
  protected override fallback = { value: new Map() as ConfiguredResource }

  protected convert(node: Expanded, reader: Reader): ConfiguredResource | Invalid {
    const { value } = node
    if (value === null) return new Map()
    if (!isMap(value)) {
      return reader.error(
        `${reader.name} expected a map, got unconvertible type '${goType(value)}'`,
      )
    }
    if (isNewForm(value.get('attributes')?.node)) return readDeclarative(node, reader)
    return readMap(value, reader)
  }

  protected shape(): JsonSchema {
    return { type: ['object', 'null'] }
  }

  protected override printed(): unknown {
    return {}
  }
}

const isNewForm = (attributes: Expanded | undefined): boolean =>
  attributes !== undefined && isList(attributes.value)

function readMap(value: MapValue, reader: Reader): ConfiguredResource | Invalid {
  const attributes = new Map<string, string | null>()
  for (const [key, { node }] of value) {
    const found = node.text ?? node.value
    if (found === null || typeof found === 'string') attributes.set(key, found)
    else reader.error(`resource attribute "${key}" must be string or null`, node.origin)
  }
  return attributes.size === value.size ? attributes : INVALID
}

function readDeclarative(node: Expanded, reader: Reader): ConfiguredResource | Invalid {
  const read = declarative.read(node, reader)
  if (read === INVALID) return INVALID
  const attributes = new Map<string, AttributeValue | null>()
  read.attributes.forEach(({ name, value, type }, i) => {
    const converted = attributeOf(value, type)
    if (converted !== undefined) attributes.set(name, converted)
    else reader.error(`attributes[${i}]: value of "${name}" is no ${type ?? 'attribute value'}`)
  })
  return attributes.size === read.attributes.length ? attributes : INVALID
}

/** The value as an attribute, or undefined if it is none of that type. */
function attributeOf(
  node: Expanded,
  type: TypeName | undefined,
): AttributeValue | null | undefined {
  if (node.value === null) return null
  if (node.text !== undefined && (type === undefined || type === 'string')) return node.text
  const plain = toPlain(node)
  const types = type === undefined ? Object.values(TYPES) : [TYPES[type]]
  return types.some((is) => is(plain)) ? (plain as AttributeValue) : undefined
}
