import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'

type SpanExporterClass = new (options: object) => SpanExporter

/** What to load, and from where. */
export interface Wanted {
  readonly package: string
  /** Empty: the only exporter that there is. */
  readonly export: string
  readonly directory: string
}

/** The exporter of a package, not yet made. Throws with what is missing and how to mend it. */
export function loadExporter(wanted: Wanted): SpanExporterClass {
  const exported = exportsOf(wanted)
  const found = Object.entries(exported).filter((entry): entry is [string, SpanExporterClass] =>
    isExporter(entry[1]),
  )
  const names = found.map(([name]) => name)
  const are = names.length === 0 ? 'it has no SpanExporter' : `it has ${names.join(', ')}`
  const name = wanted.export || (names.length === 1 ? (names[0] ?? '') : '')
  if (name === '' && names.length > 0) {
    throw new Error(`package "${wanted.package}": say by export which one: ${are}`)
  }
  const [, made] = found.find(([one]) => one === name) ?? []
  if (made === undefined) {
    const what = wanted.export === '' ? '' : `exports no SpanExporter "${wanted.export}"; `
    throw new Error(`package "${wanted.package}": ${what}${are}`)
  }
  return made
}

function exportsOf({ package: name, directory }: Wanted): object {
  const from = resolve(directory)
  const load = createRequire(join(from, 'package.json'))
  try {
    load.resolve(name)
  } catch (cause) {
    const hint = `run: npm install --prefix ${from} ${name}`
    throw new Error(`package "${name}" is not in ${from}/node_modules; ${hint}`, { cause })
  }
  try {
    return Object(load(name)) as object
  } catch (cause) {
    throw new Error(`package "${name}" cannot be loaded: ${(cause as Error).message}`, { cause })
  }
}

/** Known by its methods: classes of the interface have no parent in common. */
function isExporter(value: unknown): value is SpanExporterClass {
  if (typeof value !== 'function') return false
  const { prototype } = value as { prototype?: Partial<SpanExporter> }
  return typeof prototype?.export === 'function' && typeof prototype.shutdown === 'function'
}
