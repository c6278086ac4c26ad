import { type Entry, type Expanded, isMap, type MapValue } from './expanded.ts'

/** Lays `over` on `base` as the Collector lays files: maps join key by key, all else is replaced, and a null erases. */
export function merge(base: Expanded, over: Expanded): Expanded {
  if (!isMap(base.value) || !isMap(over.value)) return over
  return { value: mergeMaps(base.value, over.value), origin: base.origin }
}

export function mergeMaps(base: MapValue, over: MapValue): Map<string, Entry> {
  const merged = new Map(base)
  for (const [key, entry] of over) {
    const before = merged.get(key)
    const node = before === undefined ? entry.node : merge(before.node, entry.node)
    merged.set(key, { key: entry.key, node })
  }
  return merged
}
