import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { nearest } from '../config/nearest.ts'
import { KINDS, type Kind } from '../config/registry.ts'
import { registry } from './configuration.ts'
import { type Arguments, textOf, UsageError } from './verb.ts'
import { version } from './version.ts'

/** Prints every component with its stability, in the shape of the Collector's own verb; or the README of one. */
export async function run(args: Arguments): Promise<number> {
  await registry.loadAll()
  const name = textOf(args, 'docs')
  process.stdout.write(name === undefined ? listing() : docsOf(name))
  return 0
}

/** Types that share the folder of another one. */
const FOLDERS: Readonly<Record<string, string>> = { healthcheckv2: 'health_check' }

/** Of several kinds, where they share the name. Tables of options are generated from the schemas, so they are those of this weir. */
function docsOf(name: string): string {
  const found = KINDS.flatMap((kind) => {
    const type = registry.find(kind, name)?.factory.type
    if (type === undefined) return []
    return [new URL(`../../${kind}s/${FOLDERS[type] ?? type}/README.md`, import.meta.url)]
  })
  if (found.length > 0) return found.map((file) => readFileSync(file, 'utf8')).join('\n')
  const near = nearest(name, [...new Set(KINDS.flatMap((kind) => registry.types(kind)))])
  const hint = near === undefined ? '`weir components` lists them' : `did you mean "${near}"?`
  throw new UsageError(`no such component "${name}"`, hint)
}

function listing(): string {
  const list = (kind: Kind) =>
    registry.all(kind).map(({ type, aliases, stability }) => ({
      name: type,
      module: `weir ${version()}`,
      ...(aliases === undefined ? {} : { aliases }),
      stability: Object.fromEntries(
        Object.entries(stability).map(([signal, level]) => [signal, String(level)]),
      ),
    }))
  const scheme = (name: string) => ({ scheme: name, module: `weir ${version()}` })
  return stringify({
    buildinfo: { command: 'weir', description: 'OpenTelemetry agent', version: version() },
    receivers: list('receiver'),
    processors: list('processor'),
    exporters: list('exporter'),
    connectors: list('connector'),
    extensions: list('extension'),
    providers: ['env', 'file', 'http', 'https', 'yaml'].map(scheme),
    converters: [],
  })
}
