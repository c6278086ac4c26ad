import { parseId } from './component_id.ts'
import { isContrib } from './contrib.ts'
import { type Entry, type Expanded, isList, isMap, type MapValue } from './expanded.ts'
import type { Issue } from './issue.ts'
import { KINDS, type Kind, type Registry } from './registry.ts'
import { textOf } from './scalars.ts'

export interface Trimmed {
  readonly root: Expanded
  /** One warning for each component and pipeline that is left out. */
  readonly issues: readonly Issue[]
  /** Components left out. */
  readonly skipped: number
}

/** Leaves out components that the Collector has and weir has not, references to them, and pipelines that this empties. */
export function skipUnsupported(root: Expanded, registry: Registry): Trimmed {
  if (!isMap(root.value)) return { root, issues: [], skipped: 0 }
  const issues: Issue[] = []
  const gone = new Set<string>()
  const entries = new Map<string, Entry>(root.value)
  for (const kind of KINDS) {
    const section = `${kind}s`
    const without = (id: string) => isUnsupported(kind, id, registry)
    const kept = filterEntries(entries.get(section), (id, entry) => {
      if (!without(id)) return true
      gone.add(`${kind} ${normal(id)}`)
      issues.push(
        leftOut(entry, [section, id], `${kind} "${id}" is left out: weir has none of its type`),
      )
      return false
    })
    if (kept !== undefined) entries.set(section, kept)
  }
  const skipped = gone.size
  const service = entries.get('service')
  if (service !== undefined) entries.set('service', trimService(service, gone, issues))
  return { root: { ...root, value: entries }, issues, skipped }
}

const normal = (id: string): string => {
  const parsed = parseId(id)
  return 'id' in parsed ? parsed.id : id
}

function isUnsupported(kind: Kind, id: string, registry: Registry): boolean {
  const parsed = parseId(id)
  if (!('type' in parsed) || !isContrib(kind, parsed.type)) return false
  return registry.find(kind, parsed.type) === undefined
}

const leftOut = (entry: Entry, path: readonly string[], message: string): Issue => ({
  severity: 'warning',
  origin: entry.key,
  path,
  message,
})

function filterEntries(
  section: Entry | undefined,
  keep: (key: string, entry: Entry) => boolean,
): Entry | undefined {
  if (section === undefined || !isMap(section.node.value)) return section
  const value = new Map([...section.node.value].filter(([key, entry]) => keep(key, entry)))
  return { ...section, node: { ...section.node, value } }
}

function trimService(service: Entry, gone: ReadonlySet<string>, issues: Issue[]): Entry {
  return mapEntries(service, (key, entry) => {
    if (key === 'extensions') return withoutItems(entry, (id) => gone.has(`extension ${id}`))
    if (key !== 'pipelines') return entry
    const trimmed = mapEntries(entry, (_id, pipeline) => trimPipeline(pipeline, gone))
    return (
      filterEntries(trimmed, (id, pipeline) => {
        const before = isMap(entry.node.value) ? entry.node.value.get(id) : undefined
        const emptied = hasBoth(before) && !hasBoth(pipeline)
        const path = ['service', 'pipelines', id]
        if (emptied)
          issues.push(
            leftOut(
              pipeline,
              path,
              `pipeline "${id}" is left out: nothing remains of its receivers or exporters`,
            ),
          )
        return !emptied
      }) ?? trimmed
    )
  })
}

const trimPipeline = (pipeline: Entry, gone: ReadonlySet<string>): Entry =>
  mapEntries(pipeline, (part, list) => {
    const kind = part.slice(0, -1)
    const ends = kind !== 'processor'
    return withoutItems(
      list,
      (id) => gone.has(`${kind} ${id}`) || (ends && gone.has(`connector ${id}`)),
    )
  })

function hasBoth(pipeline: Entry | undefined): boolean {
  const { value } = pipeline?.node ?? { value: null }
  if (value === null || !isMap(value)) return false
  return ['receivers', 'exporters'].every((part) => {
    const list = value.get(part)?.node.value
    return Array.isArray(list) && list.length > 0
  })
}

function mapEntries(section: Entry, change: (key: string, entry: Entry) => Entry): Entry {
  if (!isMap(section.node.value)) return section
  const value: MapValue = new Map(
    [...section.node.value].map(([key, entry]) => [key, change(key, entry)]),
  )
  return { ...section, node: { ...section.node, value } }
}

function withoutItems(entry: Entry, isGone: (id: string) => boolean): Entry {
  if (!isList(entry.node.value)) return entry
  const value = entry.node.value.filter((item) => !isGone(normal(textOf(item) ?? '')))
  return { ...entry, node: { ...entry.node, value } }
}
