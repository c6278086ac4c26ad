import { type Entry, type Expanded, isList, isMap, type Origin, place } from './expanded.ts'
import { ConfigError, configError, type Issue } from './issue.ts'
import { type Retrieved, retrieve, type Surroundings } from './providers.ts'
import { parseYaml } from './yaml.ts'

/** References followed in one configuration: one that leads back to itself ends here. */
const MAX_EXPANSIONS = 10_000
const MAX_TEXT = 1 << 20 // characters of one value: `${env:A}` in A twice doubles each time
const MAX_DEPTH = 100

/** A configuration in which every `${...}` is replaced and every `$$` is `$`. */
export interface Expansion {
  readonly node: Expanded
  readonly issues: readonly Issue[]
}

/** Replaces references, innermost first, also in what references gave. Never rejects: failures are issues with their places. */
export async function expand(node: Expanded, around: Surroundings): Promise<Expansion> {
  const expander = new Expander(around)
  return { node: unescaped(await expander.expand(node, [])), issues: expander.issues }
}

class Expander {
  readonly issues: Issue[] = []
  private readonly around: Surroundings
  private followed = 0

  constructor(around: Surroundings) {
    this.around = around
  }

  async expand(node: Expanded, path: readonly string[]): Promise<Expanded> {
    if (isMap(node.value)) return this.expandMap(node, node.value, path)
    if (isList(node.value)) {
      const items: Expanded[] = []
      for (const [i, item] of node.value.entries()) {
        items.push(await this.expand(item, [...path, String(i)]))
      }
      return this.withText({ ...node, value: items }, path)
    }
    if (typeof node.value !== 'string') return node
    return this.expandScalar(node, node.value, path)
  }

  private async expandMap(
    node: Expanded,
    value: ReadonlyMap<string, Entry>,
    path: readonly string[],
  ): Promise<Expanded> {
    const entries = new Map<string, Entry>()
    for (const [key, entry] of value) {
      entries.set(key, { key: entry.key, node: await this.expand(entry.node, [...path, key]) })
    }
    return this.withText({ ...node, value: entries }, path)
  }

  /** The text of a map or list that came from a reference has references too, for a string field takes it. */
  private async withText(node: Expanded, path: readonly string[]): Promise<Expanded> {
    if (node.text === undefined || findReference(node.text) === undefined) return node
    const text = await this.expand({ value: node.text, origin: node.origin }, path)
    return typeof text.value === 'string' ? { ...node, text: text.value } : node
  }

  private async expandScalar(
    node: Expanded,
    value: string,
    path: readonly string[],
  ): Promise<Expanded> {
    const reference = findReference(value)
    const nothing: Expanded = { value: null, origin: node.origin }
    if (reference === undefined) return node
    if (this.followed > MAX_EXPANSIONS) return nothing
    try {
      const next = await this.replace(node, value, reference, path)
      this.followed += path.length > MAX_DEPTH || isTooLong(next) ? MAX_EXPANSIONS : 1
      if (this.followed > MAX_EXPANSIONS) throw configError('too many recursive expansions')
      return await this.expand(next, path)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.issues.push(...error.issues.map((issue) => ({ ...issue, origin: node.origin, path })))
      return nothing
    }
  }

  private async replace(
    node: Expanded,
    value: string,
    reference: string,
    path: readonly string[],
  ): Promise<Expanded> {
    const retrieved = await retrieve(uriOf(reference), this.around)
    if (retrieved.notice !== undefined) {
      this.issues.push({ ...retrieved.notice, origin: node.origin, path })
    }
    if (reference !== value) {
      const text = value.replaceAll(reference, () => retrieved.text)
      return { value: text, origin: { ...node.origin, via: retrieved.source } }
    }
    return { ...readAsYaml(retrieved, node.origin), text: retrieved.text }
  }
}

const isTooLong = ({ value, text }: Expanded): boolean =>
  (text?.length ?? 0) > MAX_TEXT || (typeof value === 'string' && value.length > MAX_TEXT)

/** What YAML makes of a retrieved text; a string, or what is no YAML at all, stands as it is, quotes included. */
function readAsYaml(retrieved: Retrieved, origin: Origin): Expanded {
  const { text, source, isEmptyString } = retrieved
  const asText: Expanded = { value: text, origin: { ...origin, via: source } }
  if (isEmptyString) return asText
  const { node, issues } = parseYaml(text, source)
  if (typeof node.value === 'string' || issues.some(({ severity }) => severity === 'error')) {
    return asText
  }
  return relocate(node, origin)
}

/** Gives what a reference led to the place of the reference, and keeps its own place as the way it came. */
function relocate(node: Expanded, origin: Origin): Expanded {
  const to = (from: Origin): Origin => {
    const inFile = from.source.startsWith('env:') || from.source === 'yaml:'
    return { ...origin, via: inFile ? from.source : place(from) }
  }
  const { value } = node
  if (isList(value)) {
    return { value: value.map((item) => relocate(item, origin)), origin: to(node.origin) }
  }
  if (!isMap(value)) return { ...node, origin: to(node.origin) }
  const entries = [...value].map(
    ([key, entry]) => [key, { key: to(entry.key), node: relocate(entry.node, origin) }] as const,
  )
  return { value: new Map(entries), origin: to(node.origin) }
}

/**
 * The first reference of a text that can be replaced now, with its braces.
 * As the Collector does, it gives up at the first one that is escaped, so later ones of that text stay as they are.
 */
export function findReference(text: string): string | undefined {
  let from = 0
  for (;;) {
    const close = text.indexOf('}', from)
    if (close < 0) return undefined
    const open = text.lastIndexOf('${', close)
    if (open >= from) return isEscaped(text, open) ? undefined : text.slice(open, close + 1)
    from = close + 1
  }
}

function isEscaped(text: string, open: number): boolean {
  let dollars = 0
  while (text[open - 1 - dollars] === '$') dollars++
  return dollars % 2 === 1
}

function uriOf(reference: string): string {
  const inner = reference.slice(2, -1)
  const uri = inner.includes(':') ? inner : `env:${inner}`
  if (!uri.includes('$')) return uri
  throw configError(`the uri ${JSON.stringify(uri)} contains unsupported characters ('$')`)
}

const oneDollar = (text: string): string => text.replaceAll('$$', () => '$')

function unescaped(node: Expanded): Expanded {
  const { value, text, float, origin } = node
  const original = {
    ...(text !== undefined && { text: oneDollar(text) }),
    ...(float && { float }),
  }
  if (typeof value === 'string') return { ...original, value: oneDollar(value), origin }
  if (isList(value)) return { ...original, value: value.map(unescaped), origin }
  if (!isMap(value)) return { ...original, value, origin }
  const entries = [...value].map(
    ([key, entry]) => [key, { key: entry.key, node: unescaped(entry.node) }] as const,
  )
  return { ...original, value: new Map(entries), origin }
}
