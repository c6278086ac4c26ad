import type { Entry, Expanded, Origin, Scalar } from '../expanded.ts'
import { isList, isMap } from '../expanded.ts'
import type { Issue } from '../issue.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** Each `$` is doubled, for what is read here are texts and no references. */
const quoted = (value: Scalar): Scalar =>
  typeof value === 'string' ? value.replaceAll('$', '$$$$') : value

export const leaf = (origin: Origin, value: Scalar): Expanded => ({ value: quoted(value), origin })

/** A text as YAML would read it: `8080` is a number, `true` a bool. */
export function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
}

/** About a variable as a whole. */
export const warning = (origin: Origin, message: string): Issue => ({
  severity: 'warning',
  origin,
  path: [],
  message,
})

export const listNode = (origin: Origin, items: readonly Expanded[]): Expanded => ({
  value: items,
  origin,
})

export const names = (origin: Origin, ...words: readonly string[]): Expanded =>
  listNode(
    origin,
    words.map((word) => leaf(origin, word)),
  )

export const mapNode = (origin: Origin, entries: Readonly<Record<string, Expanded>>): Expanded => ({
  value: new Map<string, Entry>(
    Object.entries(entries).map(([key, node]) => [key, { key: node.origin, node }]),
  ),
  origin,
})

/** A node that was expanded before, to be expanded again to the same. */
export function again(node: Expanded): Expanded {
  const { value, origin } = node
  if (isList(value)) return { value: value.map(again), origin }
  if (!isMap(value)) return { value: quoted(node.text ?? value), origin }
  const entries = [...value].map(([key, entry]) => [key, { ...entry, node: again(entry.node) }])
  return { value: new Map(entries as [string, Entry][]), origin }
}

/** The same, what is at a path of keys changed; as it is where there is nothing. */
export function changedAt(
  node: Expanded,
  [key, ...rest]: readonly string[],
  change: (node: Expanded) => Expanded,
): Expanded {
  if (key === undefined) return change(node)
  const entry = isMap(node.value) ? node.value.get(key) : undefined
  if (!isMap(node.value) || entry === undefined) return node
  const changed = { ...entry, node: changedAt(entry.node, rest, change) }
  return { value: new Map([...node.value, [key, changed]]), origin: node.origin }
}

interface Branch {
  readonly children: Map<string, Branch | Expanded>
}

const isBranch = (one: Branch | Expanded | undefined): one is Branch =>
  one !== undefined && 'children' in one

/** What a key has, so that more can be set below it. */
function branchOf(known: Branch | Expanded | undefined): Branch {
  if (isBranch(known)) return known
  const children = new Map<string, Branch | Expanded>()
  if (known === undefined || !isMap(known.value)) return { children }
  for (const [key, { node }] of known.value) children.set(key, node)
  return { children }
}

/** A configuration that is put together key by key, to be merged over another one. */
export class Overlay {
  readonly #root: Branch = { children: new Map() }
  #origin: Origin | undefined

  set(path: readonly string[], node: Expanded): void {
    this.#origin ??= node.origin
    let branch = this.#root
    for (const key of path.slice(0, -1)) {
      const next = branchOf(branch.children.get(key))
      branch.children.set(key, next)
      branch = next
    }
    const last = path.at(-1) ?? ''
    // That it is there at all was all that a null says.
    if (node.value === null && isBranch(branch.children.get(last))) return
    branch.children.set(last, node)
  }

  /** Undefined if nothing was set. */
  node(): Expanded | undefined {
    return this.#origin === undefined ? undefined : this.#nodeOf(this.#root, this.#origin)
  }

  #nodeOf(branch: Branch, origin: Origin): Expanded {
    const entries = [...branch.children].map(([key, child]) => {
      return [key, isBranch(child) ? this.#nodeOf(child, firstOrigin(child) ?? origin) : child]
    })
    return mapNode(origin, Object.fromEntries(entries as [string, Expanded][]))
  }
}

function firstOrigin(branch: Branch): Origin | undefined {
  for (const child of branch.children.values()) {
    return isBranch(child) ? firstOrigin(child) : child.origin
  }
  return undefined
}
