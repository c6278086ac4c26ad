/** Where a value came from. Lines and columns count from 1. */
export interface Origin {
  /** A file as the user wrote it, `env:NAME`, `--set`, or another uri. */
  readonly source: string
  readonly line?: number
  readonly column?: number
  /** What the reference at that place led to: `env:NAME`, or a place in another file. */
  readonly via?: string
}

export type Scalar = string | number | boolean | null

/** A value of a map, with the place of its key: that is where an unknown key is reported. */
export interface Entry {
  readonly key: Origin
  readonly node: Expanded
}

export type MapValue = ReadonlyMap<string, Entry>
export type ListValue = readonly Expanded[]

/**
 * One node of a configuration after `${...}` was replaced: what YAML makes of it and what was written.
 * Which of the two counts is known only when the type of the field is known.
 */
export interface Expanded {
  readonly value: Scalar | ListValue | MapValue
  /** The characters that a reference gave; only there if the whole value was one reference. A string field takes these. */
  readonly text?: string
  /** A whole number that was written with a point or an exponent: where any value goes, `1.0` is no `1`. */
  readonly float?: true
  readonly origin: Origin
}

/** A whole number that is meant as a fraction, among plain values. */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }

  toJSON(): number {
    return this.value
  }
}

export const isMap = (value: Expanded['value']): value is MapValue => value instanceof Map
export const isList = (value: Expanded['value']): value is ListValue => Array.isArray(value)

/** The Go name of the type of a value, as the Collector's messages print it. */
export function goType(value: Expanded['value']): string {
  if (value === null) return 'nil'
  if (isMap(value)) return 'map[string]interface {}'
  if (isList(value)) return '[]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** The Go kind of a value: a map is `map`. */
export const goKind = (value: Expanded['value']): string =>
  isMap(value) ? 'map' : isList(value) ? 'slice' : goType(value)

/** The value as a person would write it on one line, at most 60 characters. */
export function show(node: Expanded): string {
  const full = JSON.stringify(toPlain(node))
  return full.length > 60 ? `${full.slice(0, 57)}...` : full
}

/** `file:line:column`, as far as known. */
export function place(origin: Origin): string {
  const { source, line, column } = origin
  if (line === undefined) return source
  return column === undefined ? `${source}:${line}` : `${source}:${line}:${column}`
}

/** Gives every part of a plain JavaScript value the same origin. */
export function fromPlain(value: unknown, origin: Origin): Expanded {
  if (Array.isArray(value)) return { value: value.map((item) => fromPlain(item, origin)), origin }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, { key: origin, node: fromPlain(item, origin) }] as const,
    )
    return { value: new Map(entries), origin }
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { value, origin }
  }
  return { value: null, origin }
}

/** Plain JavaScript without origins. Maps become objects that have no prototype. */
export function toPlain(node: Expanded): unknown {
  const { value } = node
  if (isList(value)) return value.map(toPlain)
  if (!isMap(value)) return value
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, entry] of value) plain[key] = toPlain(entry.node)
  return plain
}

/** The same with `Double` for numbers that are written as fractions. */
export function toTyped(node: Expanded): unknown {
  const { value, float } = node
  if (isList(value)) return value.map(toTyped)
  if (!isMap(value)) return float ? new Double(Number(value)) : value
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, entry] of value) plain[key] = toTyped(entry.node)
  return plain
}

/** Equal, by deep comparison, for two nodes that mean the same to every field, wherever they came from. */
export function toComparable({ value, text, float }: Expanded): unknown {
  if (isList(value)) return value.map(toComparable)
  if (isMap(value)) return new Map([...value].map(([key, { node }]) => [key, toComparable(node)]))
  return (text === undefined || text === value) && !float ? value : { value, text, float }
}
