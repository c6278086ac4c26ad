/** Takes what was entered first out of a map that has more than `max` entries, and returns it. */
export function dropOldest<Value>(map: Map<string, Value>, max: number): Value[] {
  const dropped: Value[] = []
  for (const [key, value] of map) {
    if (map.size <= max) break
    map.delete(key)
    dropped.push(value)
  }
  return dropped
}
