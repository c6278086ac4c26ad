/** Names that one map keeps, as of statements prepared on one connection; the oldest goes first. */
const MAX_NAMES = 256

/** Sets `name`, and forgets the one set longest ago when there are too many. */
export function remember<K, V>(map: Map<K, V>, name: K, value: V, max = MAX_NAMES): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > max && oldest !== undefined) map.delete(oldest)
}
