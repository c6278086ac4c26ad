/**
 * Validates configurations that other people wrote: `npm run corpus -- DIR`, where DIR holds collector_configs.json, a list of
 * `{source, config}`. Exits with 1 if a file that the Collector could run is refused for anything but a component that weir has not.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { components } from '../components.ts'
import { ConfigError, type Issue } from '../config/issue.ts'
import { readConfiguration } from '../config/read.ts'
import { Registry } from '../config/registry.ts'
import { type Label, labelOf, type Specimen } from './corpus_label.ts'

interface Result {
  readonly source: string
  readonly label: Label
  readonly errors: readonly Issue[]
}

const registry = new Registry(components)

/** Whatever a file asks for is set, to something of its kind: an unset variable is the mistake of nobody here. */
const environment = new Proxy<Record<string, string>>(
  {},
  {
    get: (_, name) => valueFor(String(name)),
    has: () => true,
    getOwnPropertyDescriptor: (_, name) => ({
      value: valueFor(String(name)),
      configurable: true,
      enumerable: true,
    }),
  },
)

function valueFor(name: string): string {
  if (/PORT(_|$)/.test(name)) return '4317'
  if (/URL|ENDPOINT/.test(name)) return 'http://backend.example:4318'
  if (/LIMIT|MIB|SIZE|PERCENT|MEM/.test(name)) return '80'
  return /(^|_)(IP|HOST|ADDR|INTERFACE)(_|$)/.test(name) ? '127.0.0.1' : 'value'
}

async function validated({ source, config }: Specimen): Promise<Result> {
  const label = labelOf({ source, config })
  const options = {
    uris: [`yaml:${JSON.stringify(config)}`],
    sets: [],
    gates: new Set(['service.profilesSupport']),
    skipUnsupported: false,
    env: environment,
  }
  try {
    await readConfiguration(options, registry)
    return { source, label, errors: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { source, label, errors: error.issues.filter(({ severity }) => severity === 'error') }
  }
}

const UNKNOWN_TYPE = /^'(\w+)s' unknown type: "(\w+)"/

/** `receiver jaeger` of an error that says that weir has none. */
function missingType({ message }: Issue): string | undefined {
  const [, kind, type] = UNKNOWN_TYPE.exec(message) ?? []
  return kind === undefined ? undefined : `${kind} ${type}`
}

const isOwn = (issue: Issue): boolean => missingType(issue) === undefined

/** The message without the names of one file. */
const reasonOf = ({ path, message }: Issue): string =>
  `${path.slice(0, 1).join()}: ${message.replaceAll(/"[^"]*"/g, '"..."').slice(0, 120)}`

function print(title: string, lines: readonly string[]): void {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  process.stdout.write(`\n${title}\n`)
  for (const [line, count] of sorted)
    process.stdout.write(`${String(count).padStart(6)}  ${line}\n`)
}

const file = join(process.argv[2] ?? '', 'collector_configs.json')
if (!existsSync(file)) {
  process.stderr.write(`usage: npm run corpus -- DIR\nthere is no ${file}\n`)
  process.exit(2)
}
const specimens = JSON.parse(readFileSync(file, 'utf8')) as Specimen[]
const results: Result[] = []
for (const specimen of specimens) results.push(await validated(specimen))

const refused = results.filter(({ errors }) => errors.length > 0)
const lacking = refused.filter(({ errors }) => errors.some((one) => missingType(one) !== undefined))
const others = refused.filter((one) => !lacking.includes(one))
/** Valid files with a mistake that is not that a component is missing. */
const wrong = results.filter(({ label, errors }) => label.kind === 'valid' && errors.some(isOwn))

print(
  'Labels',
  results.map(({ label }) => (label.kind === 'valid' ? 'valid' : `${label.kind}: ${label.why}`)),
)
print(
  'Answers',
  results.map(
    ({ label, errors }) => `${label.kind} ${errors.length === 0 ? 'accepted' : 'refused'}`,
  ),
)
print(
  'Valid files refused for a component that weir has not, by component (a file counts for each)',
  lacking
    .filter(({ label }) => label.kind === 'valid')
    .flatMap(({ errors }) => [...new Set(errors.flatMap((one) => missingType(one) ?? []))]),
)
print(
  'Other files refused, by reason',
  others.flatMap(({ errors }) => errors.map(reasonOf)),
)
if (wrong.length > 0) {
  process.stdout.write('\nValid files refused for more than a missing component:\n')
  for (const { source, errors } of wrong) {
    process.stdout.write(`  ${source}\n`)
    for (const { path, message } of errors.filter(isOwn)) {
      process.stdout.write(`    ${path.join('::')}: ${message}\n`)
    }
  }
  process.exitCode = 1
}
const accepted = results.filter(({ errors }) => errors.length === 0).length
process.stdout.write(
  `\n${results.length} files, ${accepted} accepted, ${wrong.length} refused that should not be\n`,
)
