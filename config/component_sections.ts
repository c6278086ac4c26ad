import type { Configured } from '../pipeline/graph_config.ts'
import { parseId } from './component_id.ts'
import { contribHint } from './contrib.ts'
import { type Entry, goType, isMap, type MapValue, show, toComparable } from './expanded.ts'
import type { Issue } from './issue.ts'
import { didYouMean } from './nearest.ts'
import type { FactoryOf, Found, Kind, Registry } from './registry.ts'
import { INVALID, Reader } from './schema.ts'

const REMOVED: Readonly<Record<string, string>> = {
  logging: 'the logging exporter has been deprecated, use the debug exporter instead',
}

/** One section of components: id to factory and settings. A component whose settings are wrong is there all the same. */
export function readComponents<K extends Kind>(
  kind: K,
  section: Entry | undefined,
  registry: Registry,
  issues: Issue[],
): Map<string, Configured<FactoryOf[K]>> {
  const path = [`${kind}s`]
  const configured = new Map<string, Configured<FactoryOf[K]>>()
  const seen = new Set<string>()
  for (const [key, entry] of entriesOf(section, path, issues)) {
    const report = (message: string) =>
      issues.push({ severity: 'error', origin: entry.key, path, message })
    const parsed = parseId(key)
    if ('error' in parsed) {
      report(parsed.error)
      continue
    }
    if (seen.has(parsed.id)) report(`duplicate name "${parsed.id}" after unmarshaling`)
    seen.add(parsed.id)
    const found = registry.find(kind, parsed.type)
    if (found === undefined) report(unknownType(kind, parsed.type, parsed.id, registry))
    else
      configured.set(
        parsed.id,
        readComponent(found, [...path, parsed.id], parsed.type, entry, issues),
      )
  }
  return configured
}

function readComponent<F extends FactoryOf[Kind]>(
  { factory, renamed }: Found<F>,
  path: readonly string[],
  type: string,
  { key, node }: Entry,
  issues: Issue[],
): Configured<F> {
  if (renamed !== undefined && renamed !== type) {
    const message = `"${type}" alias is deprecated; use "${renamed}" instead`
    issues.push({ severity: 'warning', origin: key, path, message })
  }
  const config = factory.schema.read(node, new Reader(path, key, issues))
  return { factory, config: config === INVALID ? undefined : config, source: toComparable(node) }
}

function unknownType(kind: Kind, type: string, id: string, registry: Registry): string {
  if (kind === 'exporter' && REMOVED[type] !== undefined) return REMOVED[type]
  const types = registry.types(kind)
  return (
    `'${kind}s' unknown type: "${type}" for id: "${id}" (valid values: [${types.join(' ')}])` +
    (contribHint(kind, type) ?? didYouMean(type, types))
  )
}

const EMPTY: MapValue = new Map()

/** The entries of a section; a null or a missing one has none. */
export function entriesOf(
  section: Entry | undefined,
  path: readonly string[],
  issues: Issue[],
): MapValue {
  if (section === undefined || section.node.value === null) return EMPTY
  if (isMap(section.node.value)) return section.node.value
  const { origin } = section.node
  const found = `found ${show(section.node)}`
  const type = goType(section.node.value)
  const message = `'${path.at(-1)}' expected a map, got unconvertible type '${type}': ${found}`
  issues.push({ severity: 'error', origin, path, message })
  return EMPTY
}
