/** Writes docs/configuration.md, and the options in READMEs, from the schemas. `--check` only says whether they are what those give. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { components } from '../components.ts'
import { configurationSchema } from '../config/json_schema.ts'
import { KINDS, type Kind, Registry } from '../config/registry.ts'
import type { JsonSchema } from '../config/schema.ts'
import type { Factory } from '../pipeline/component.ts'
import { asSchema, optionTable } from './option_table.ts'

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
  ['connector', 'Connectors'],
  ['extension', 'Extensions'],
]

function document(registry: Registry): string {
  const parts = SECTIONS.flatMap(([kind, title]) => {
    const all = registry.all(kind)
    if (all.length === 0) return []
    return [`## ${title}\n`, ...all.map((factory) => component(factory))]
  })
  const service = asSchema(asSchema(configurationSchema(registry)['properties'])['service'])
  return `${[INTRODUCTION, ...parts, '## service\n', optionTable(service)].join('\n')}`
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
  const options = optionTable(schema.json())
  return `### ${type}\n\nFor ${signals.join(', ')}.${also}\n\n${options === '' ? 'No options.\n' : options}`
}

const ROOT = join(import.meta.dirname, '../..')
const BEGIN = '<!-- options: npm run gen -->\n'
const END = '<!-- end of options -->\n'

/** The README of a component that has a place for its options, with them. */
function readme({
  kind,
  type,
  schema,
}: Factory): readonly [file: string, text: string] | undefined {
  const file = join(ROOT, `${kind}s`, type, 'README.md')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [before, rest] = text.split(BEGIN, 2)
  const after = rest?.split(END, 2)[1]
  if (after === undefined) return undefined
  return [file, `${before}${BEGIN}${optionTable(schema.json())}${END}${after}`]
}

const registry = new Registry(components)
await registry.loadAll()

const files = [
  [join(ROOT, 'docs/configuration.md'), document(registry)] as const,
  ...KINDS.flatMap((kind): readonly Factory[] => registry.all(kind)).flatMap((factory) => {
    const found = readme(factory)
    return found === undefined ? [] : [found]
  }),
]
for (const [file, text] of files) {
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what the schemas give: npm run gen\n`)
    process.exitCode = 1
  }
}
