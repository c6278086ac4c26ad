import type { JsonSchema } from '../config/schema.ts'

export const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? (value as JsonSchema) : {}

/** All keys of a schema, deeper ones by their path, as a table; empty without any. */
export function optionTable(schema: JsonSchema): string {
  const rows = keys(schema, '').map((cells) => `| ${cells.join(' | ')} |\n`)
  return rows.length === 0 ? '' : `| key | type | default | |\n|---|---|---|---|\n${rows.join('')}`
}

function keys(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(asSchema(schema['properties'])).flatMap(([key, value]) => {
    const inner = asSchema(value)
    const path = `${prefix}${key}`
    const own = isSection(inner) ? sectionRow(path, inner) : [row(path, inner)]
    return [
      ...own,
      ...keys(inner, `${path}::`),
      ...keys(patterned(inner), `${path}::<id>::`),
      ...keys(asSchema(inner['additionalProperties']), `${path}::<name>::`),
      ...keys(asSchema(inner['items']), `${path}[]::`),
    ]
  })
}

const patterned = (schema: JsonSchema): JsonSchema =>
  asSchema(Object.values(asSchema(schema['patternProperties']))[0])

const isSection = (schema: JsonSchema): boolean => 'properties' in schema

function sectionRow(path: string, schema: JsonSchema): string[][] {
  const about = schema['description']
  return about === undefined ? [] : [[`\`${path}\``, 'section', '', cell(about)]]
}

const row = (path: string, schema: JsonSchema): string[] => [
  `\`${path}\``,
  typeOf(schema),
  schema['default'] === undefined ? '' : `\`${cell(JSON.stringify(schema['default']))}\``,
  cell(schema['description'] ?? ''),
]

const cell = (value: unknown): string => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ')

function typeOf(schema: JsonSchema): string {
  const names = schema['enum']
  if (Array.isArray(names)) return names.map((name) => `\`${name === '' ? '""' : name}\``).join(' ')
  if (schema['writeOnly'] === true) return 'secret'
  const [example] = Array.isArray(schema['examples']) ? schema['examples'] : []
  if (example !== undefined) return /[bB]$/.test(example) ? 'size' : 'duration'
  const { type } = schema as { readonly type?: string | readonly string[] }
  if ('properties' in schema) return 'section'
  if (type === 'array') return `list of ${typeOf(asSchema(schema['items']))}`
  if (Array.isArray(type)) return `map of ${typeOf(asSchema(schema['additionalProperties']))}`
  return String(type ?? 'any')
}
