import { parseId } from './component_id.ts'
import { type Expanded, isList, isMap } from './expanded.ts'
import type { Kind, Registry } from './registry.ts'
import type { JsonSchema } from './schema.ts'

const SECRET_NAME = /pass|secret|token|credential|auth|header|_?key$|_pem$/i

const SECTIONS: Readonly<Record<string, Kind>> = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  extensions: 'extension',
}

/** The same tree, in which every value that is a secret by its schema, or by its name where there is none, reads `[REDACTED]`. */
export function redact(root: Expanded, registry: Registry): Expanded {
  return mapEntries(root, (section, node) => {
    const kind = SECTIONS[section]
    if (section === 'service') {
      return mapEntries(node, (key, part) => (key === 'telemetry' ? hideByName(part) : part))
    }
    if (kind === undefined) return hideByName(node)
    return mapEntries(node, (key, component) => {
      const parsed = parseId(key)
      const found = 'type' in parsed ? registry.find(kind, parsed.type) : undefined
      return found === undefined
        ? hideByName(component)
        : hide(component, found.factory.schema.json())
    })
  })
}

function mapEntries(node: Expanded, change: (key: string, node: Expanded) => Expanded): Expanded {
  if (!isMap(node.value)) return node
  const entries = [...node.value].map(
    ([key, entry]) => [key, { ...entry, node: change(key, entry.node) }] as const,
  )
  return { ...node, value: new Map(entries) }
}

/** What stands under a suspect name, however deep, is taken for a secret. */
function hideByName(node: Expanded): Expanded {
  if (isList(node.value)) return { ...node, value: node.value.map(hideByName) }
  return mapEntries(node, (key, inner) =>
    SECRET_NAME.test(key) ? hideAll(inner) : hideByName(inner),
  )
}

function hideAll(node: Expanded): Expanded {
  if (isList(node.value)) return { ...node, value: node.value.map(hideAll) }
  if (isMap(node.value)) return mapEntries(node, (_key, inner) => hideAll(inner))
  return { value: '[REDACTED]', origin: node.origin }
}

function hide(node: Expanded, schema: JsonSchema): Expanded {
  if (schema['writeOnly'] === true) return { value: '[REDACTED]', origin: node.origin }
  const { value } = node
  if (isList(value)) return { ...node, value: value.map((item) => hide(item, itemSchema(schema))) }
  return mapEntries(node, (key, inner) => hide(inner, keySchema(schema, key)))
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
  return asSchema(schema['additionalProperties'])
}
