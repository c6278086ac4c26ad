import { isVariable } from '../../../pipeline/path_segment.ts'
import { segmentsOf } from './pattern.ts'
import { collapse, collapseWide, type Node, newNode, nodesOf } from './trie.ts'

/** How a service's paths become routes. */
export interface LearnedOptions {
  /** Segments learned at one place before they are taken for names of things. */
  readonly children: number
  /** Names of spans that the service may have; Infinity for no cap. */
  readonly names: number
  readonly wildcard: string
}

export type Side = 'incoming' | 'outgoing'

const SEGMENTS_MAX = 10
const NODES_MAX = 4096
const CACHE_MAX = 1024
/** Once half of the names are given away: what is left is for routes that stand for many paths. */
const NARROW_CHILDREN = 8
/** Kept for `METHOD /**` of each method that there is. */
const RESERVED = 10
const TOLD_MAX = 20

interface Known {
  readonly route: string
  readonly leaf: Node
  /** Methods that are among the names with this route: names only ever come. */
  readonly named: string[]
}

/** Routes of one service, learned from its paths: a trie for each side, and one cap over both. */
export class LearnedRoutes {
  readonly #options: LearnedOptions
  readonly #roots: Readonly<Record<Side, Node>> = { incoming: newNode(), outgoing: newNode() }
  readonly #cache: Readonly<Record<Side, Map<string, Known>>> = {
    incoming: new Map(),
    outgoing: new Map(),
  }
  readonly #names = new Set<string>()
  readonly #collapsed: string[] = []
  #children: number
  #nodes = 0

  constructor(options: LearnedOptions) {
    this.#options = options
    this.#children = options.children
  }

  /** Segments that were taken for names of things, the first of them: what `weir explain` prints. */
  get collapsed(): readonly string[] {
    return this.#collapsed
  }

  get names(): number {
    return this.#names.size
  }

  /** The route of a path; '' for an unknown one, unless it is to be learned. `method` is one of ten. */
  route(side: Side, method: string, path: string, learn: boolean): string {
    const found = this.#find(side, path, learn)
    if (found === undefined) return ''
    if (found.named.includes(method)) return found.route
    const route = this.#within(method, found.route, learn)
    if (route === found.route && this.#names.has(`${method} ${route}`)) found.named.push(method)
    return route
  }

  #find(side: Side, path: string, learn: boolean): Known | undefined {
    const cache = this.#cache[side]
    const known = cache.get(path)
    if (known !== undefined) {
      known.leaf.hits++
      return known
    }
    const found = this.#walk(this.#roots[side], segmentsOf(path), learn)
    if (found === undefined) return undefined
    if (cache.size >= CACHE_MAX) cache.clear()
    cache.set(path, found)
    return found
  }

  #walk(root: Node, segments: readonly string[], learn: boolean): Known | undefined {
    let node = root
    let route = ''
    for (const segment of segments.slice(0, SEGMENTS_MAX)) {
      const child = node.children.get(segment)
      const next = child ?? this.#enter(node, segment, learn)
      if (next === undefined) return undefined
      route +=
        child !== undefined || node.children.get(segment) === next ? `/${segment}` : this.#any
      node = next
    }
    node.hits++
    if (segments.length > SEGMENTS_MAX) route += `${this.#any}${this.#options.wildcard}`
    return { route: route === '' ? '/' : route, leaf: node, named: [] }
  }

  get #any(): string {
    return `/${this.#options.wildcard}`
  }

  /** The node of a segment that is no child yet. */
  #enter(node: Node, segment: string, learn: boolean): Node | undefined {
    const word = !isVariable(segment)
    if (!learn) return word && !node.collapsed ? undefined : node.any
    const literal = word && !node.collapsed && this.#nodes < NODES_MAX
    if (!literal) {
      node.any ??= newNode()
      return node.any
    }
    this.#nodes++
    const child = newNode()
    node.children.set(segment, child)
    if (node.children.size <= this.#children) return child
    this.#forget(collapse(node))
    return node.any ?? child
  }

  /** Never more names than the cap. What was given away before is given again. */
  #within(method: string, route: string, learn: boolean): string {
    const name = `${method} ${route}`
    if (this.#names.has(name)) return route
    if (!learn && this.#options.names !== Infinity) return ''
    const left = this.#options.names - RESERVED - this.#names.size
    if (left <= 0) return `/${this.#options.wildcard}${this.#options.wildcard}`
    this.#names.add(name)
    if (left <= (this.#options.names - RESERVED) / 2) this.#narrow()
    return route
  }

  #narrow(): void {
    if (this.#children <= NARROW_CHILDREN) return
    this.#children = NARROW_CHILDREN
    for (const root of Object.values(this.#roots)) {
      collapseWide(root, NARROW_CHILDREN, (gone) => this.#forget(gone))
    }
  }

  #forget(gone: readonly string[]): void {
    for (const cache of Object.values(this.#cache)) cache.clear()
    this.#nodes = Object.values(this.#roots).reduce((sum, root) => sum + nodesOf(root), 0)
    if (gone.length > 0 && this.#collapsed.length < TOLD_MAX) {
      this.#collapsed.push(
        `${gone.slice(0, 3).join(', ')} and ${Math.max(gone.length - 3, 0)} more`,
      )
    }
  }
}
