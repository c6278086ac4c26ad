import { type Entry, type Expanded, isList, isMap, type MapValue } from './expanded.ts'

/** Whether the list at a path is appended to instead of replaced. */
export type Appends = (path: readonly string[]) => boolean

const never: Appends = () => false

/** What the gate `confmap.enableMergeAppendOption` appends: who takes part, never the order of processors. */
export const appendsComponents: Appends = ([section, ...rest]) => {
  const last = rest.at(-1)
  if (section !== 'service') return false
  return rest.length === 1 ? last === 'extensions' : last === 'receivers' || last === 'exporters'
}

/** Lays `over` on `base` as the Collector lays files: maps join key by key, all else is replaced, and a null erases. */
export function merge(
  base: Expanded,
  over: Expanded,
  appends = never,
  path: readonly string[] = [],
): Expanded {
  if (isMap(base.value) && isMap(over.value)) {
    return { value: mergeMaps(base.value, over.value, appends, path), origin: base.origin }
  }
  if (isList(base.value) && isList(over.value) && appends(path)) {
    const known = new Set(base.value.map((item) => item.value))
    const added = over.value.filter((item) => !known.has(item.value))
    return { value: [...base.value, ...added], origin: base.origin }
  }
  return over
}

/** Two maps as one, in the order of the first. */
export function mergeMaps(
  base: MapValue,
  over: MapValue,
  appends = never,
  path: readonly string[] = [],
): Map<string, Entry> {
  const merged = new Map(base)
  for (const [key, entry] of over) {
    const before = merged.get(key)
    const node =
      before === undefined ? entry.node : merge(before.node, entry.node, appends, [...path, key])
    merged.set(key, { key: entry.key, node })
  }
  return merged
}
