/** Writes docs/configuration.md from the schemas. `--check` only says whether it is what they give. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { factories } from '../components.ts'
import { configurationSchema } from '../config/json_schema.ts'
import { type Kind, Registry } from '../config/registry.ts'
import type { JsonSchema } from '../config/schema.ts'

const FILE = join(import.meta.dirname, '../../docs/configuration.md')

const INTRODUCTION = `# Configuration

Generated from the schemas by \`npm run gen\`; do not edit.

weir reads the OpenTelemetry Collector's YAML: \`receivers\`, \`processors\`, \`exporters\`, \`connectors\`, \`extensions\`, and \`service\` with its pipelines. A component is
named by its type, or \`type/name\` if there are several. \`--config\` takes a file, \`env:VAR\`, \`yaml:TEXT\` or an \`http(s):\` URL, and may be repeated: maps
are joined, everything else is replaced, null erases. \`--set processors.batch.timeout=2s\` wins over all of them.

In values, \`\${env:NAME}\` (or \`\${NAME}\`), \`\${env:NAME:-default}\`, \`\${file:PATH}\`, \`\${yaml:TEXT}\` and \`\${http://...}\` are replaced; \`$$\` is a dollar.

Durations are written \`200ms\`, \`5s\`, \`1h30m\`; sizes \`64KiB\`, \`4MiB\` or a number of bytes. \`weir validate\` names every mistake with line and
column, \`weir print-config --origins\` shows where each value came from, \`weir schema\` prints the JSON Schema for editors.
`

const SECTIONS: readonly (readonly [kind: Kind, title: string])[] = [
  ['receiver', 'Receivers'],
  ['processor', 'Processors'],
  ['exporter', 'Exporters'],
  ['extension', 'Extensions'],
]

function document(registry: Registry): string {
  const parts = SECTIONS.flatMap(([kind, title]) => {
    const all = registry.all(kind)
    if (all.length === 0) return []
    return [`## ${title}\n`, ...all.map((factory) => component(factory))]
  })
  const service = asSchema(asSchema(configurationSchema(registry)['properties'])['service'])
  return `${[INTRODUCTION, ...parts, '## service\n', table(service)].join('\n')}`
}

function component(factory: {
  readonly type: string
  readonly aliases?: readonly string[]
  readonly stability: Readonly<Record<string, string | undefined>>
  readonly schema: { json(): JsonSchema }
}): string {
  const { type, aliases = [], stability, schema } = factory
  const signals = Object.entries(stability).map(([signal, level]) => `${signal} (${level})`)
  const also = aliases.length === 0 ? '' : ` Also \`${aliases.join('`, `')}\`.`
  const options = table(schema.json())
  return `### ${type}\n\nFor ${signals.join(', ')}.${also}\n\n${options === '' ? 'No options.\n' : options}`
}

const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? (value as JsonSchema) : {}

/** All keys of a schema, deeper ones by their path. */
function table(schema: JsonSchema): string {
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

const text = document(new Registry(factories))
if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== text) {
    process.stderr.write('docs/configuration.md is not what the schemas give: npm run gen\n')
    process.exitCode = 1
  }
} else {
  writeFileSync(FILE, text)
}
