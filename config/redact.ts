import { type Expanded, isList, isMap } from './expanded.ts'
import { configurationSchema } from './json_schema.ts'
import type { Registry } from './registry.ts'
import type { JsonSchema } from './schema.ts'

/** The same tree, in which every value that is a secret by its schema reads `[REDACTED]`. */
export const redact = (root: Expanded, registry: Registry): Expanded =>
  hide(root, configurationSchema(registry))

function hide(node: Expanded, schema: JsonSchema): Expanded {
  if (schema['writeOnly'] === true) return { value: '[REDACTED]', origin: node.origin }
  const { value } = node
  if (isList(value)) return { ...node, value: value.map((item) => hide(item, itemSchema(schema))) }
  if (!isMap(value)) return node
  const entries = [...value].map(
    ([key, entry]) => [key, { ...entry, node: hide(entry.node, keySchema(schema, key)) }] as const,
  )
  return { ...node, value: new Map(entries) }
}

const NONE: JsonSchema = {}

const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? (value as JsonSchema) : NONE

/** A list in the place of a map is one of `{name, value}`: its values are secret if the map's are. */
function itemSchema(schema: JsonSchema): JsonSchema {
  const secret = asSchema(schema['additionalProperties'])['writeOnly'] === true
  return secret ? { properties: { value: { writeOnly: true } } } : asSchema(schema['items'])
}

function keySchema(schema: JsonSchema, key: string): JsonSchema {
  const named = asSchema(schema['properties'])
  if (Object.hasOwn(named, key)) return asSchema(named[key])
  for (const [pattern, value] of Object.entries(asSchema(schema['patternProperties']))) {
    if (new RegExp(pattern).test(key)) return asSchema(value)
  }
  return asSchema(schema['additionalProperties'])
}
