import { labelName } from './names.ts'

/** Names that are those of Prometheus already, and values. */
export type LabelSet = ReadonlyMap<string, string>

/** Two keys whose names become one share it, their values joined as the specification says. */
export function labelsOf(
  pairs: Iterable<readonly [key: string, text: string]>,
  nameOf: (key: string) => string = labelName,
): LabelSet {
  const labels = new Map<string, string>()
  for (const [key, text] of pairs) {
    const name = nameOf(key)
    const other = labels.get(name)
    labels.set(name, other === undefined ? text : `${other};${text}`)
  }
  return labels
}

/** What the series says of itself wins. */
export const join = (own: LabelSet, common: LabelSet): LabelSet => new Map([...common, ...own])

/** Pairs in the order of the alphabet. */
export const sorted = (labels: LabelSet): (readonly [name: string, value: string])[] =>
  [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
