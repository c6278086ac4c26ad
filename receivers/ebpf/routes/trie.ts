/** One segment of the paths of a service, and what has come behind it. */
export interface Node {
  readonly children: Map<string, Node>
  /** What stands for every segment that is not among `children`; there once it was needed. */
  any: Node | undefined
  /** Too many segments were seen here: no more of them are learned. */
  collapsed: boolean
  /** Paths that ended here. */
  hits: number
}

export const newNode = (): Node => ({
  children: new Map(),
  any: undefined,
  collapsed: false,
  hits: 0,
})

/** A child that was hit this often, and is this part of all hits, is a word of the service. */
const WORD_HITS = 50
const WORD_SHARE = 0.05
const WORDS_MAX = 4

/**
 * Lets one node stand for the children of another, what is behind them merged. Words that are asked for all the time stay:
 * `/login` beside thousands of users. Gives the names that went.
 */
export function collapse(node: Node): readonly string[] {
  node.collapsed = true
  const hits = new Map([...node.children].map(([name, child]) => [name, hitsOf(child)]))
  const all = [...hits.values()].reduce((sum, one) => sum + one, 0)
  const words = [...hits]
    .filter(([, one]) => one >= WORD_HITS && one >= all * WORD_SHARE)
    .sort((a, b) => b[1] - a[1])
    .slice(0, WORDS_MAX)
    .map(([name]) => name)
  const gone: string[] = []
  for (const [name, child] of node.children) {
    if (words.includes(name)) continue
    gone.push(name)
    node.children.delete(name)
    node.any ??= newNode()
    merge(node.any, child)
  }
  return gone
}

function merge(into: Node, from: Node): void {
  into.hits += from.hits
  into.collapsed ||= from.collapsed
  for (const [name, child] of from.children) {
    const known = into.children.get(name)
    if (known === undefined) into.children.set(name, child)
    else merge(known, child)
  }
  if (from.any === undefined) return
  if (into.any === undefined) into.any = from.any
  else merge(into.any, from.any)
}

function hitsOf(node: Node): number {
  let hits = node.hits + (node.any === undefined ? 0 : hitsOf(node.any))
  for (const child of node.children.values()) hits += hitsOf(child)
  return hits
}

/** Collapses every node with more than `limit` children, from the root down. */
export function collapseWide(
  node: Node,
  limit: number,
  told: (gone: readonly string[]) => void,
): void {
  if (node.children.size > limit) told(collapse(node))
  for (const child of node.children.values()) collapseWide(child, limit, told)
  if (node.any !== undefined) collapseWide(node.any, limit, told)
}

/** Of the trie below a node, the node itself not counted. */
export function nodesOf(node: Node): number {
  let nodes = node.children.size
  for (const child of node.children.values()) nodes += nodesOf(child)
  return node.any === undefined ? nodes : nodes + nodesOf(node.any)
}
