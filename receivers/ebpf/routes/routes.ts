import { isVariable } from '../../../pipeline/path_segment.ts'
import type { Only } from '../signals.ts'
import { LearnedRoutes, type Side } from './learned.ts'
import { firstMatch, type Pattern, segmentsOf } from './pattern.ts'

export type { Side } from './learned.ts'

export const UNMATCHED = [
  'learned',
  'heuristic',
  'low-cardinality',
  'wildcard',
  'path',
  'unset',
] as const

/** The `routes` section. */
export interface RouteRules {
  readonly patterns: readonly Pattern[]
  readonly ignored: readonly Pattern[]
  /** What there is not of paths that `ignored` has. */
  readonly ignoreMode: 'all' | 'traces' | 'metrics'
  /** What becomes of a path that no pattern matches. */
  readonly unmatched: (typeof UNMATCHED)[number]
  readonly wildcard: string
  readonly maxNames: number
}

/** Patterns of an entry of `instrument`, in place of those for everyone. */
export interface OwnPatterns {
  readonly incoming: readonly Pattern[]
  readonly outgoing: readonly Pattern[]
}

/** What a request is asked about. `method` is one of ten. */
export interface RouteRequest {
  readonly side: Side
  readonly method: string
  readonly path: string
  /** False for what the service did not know: scanners ask for thousands of those. */
  readonly learn: boolean
}

const SEGMENTS_MAX = 10
/** As OBI's low-cardinality. */
const LOW_CARDINALITY_CHILDREN = 10
const LEARNED_CHILDREN = 20

/** The routes of one service. */
export class ServiceRoutes {
  readonly #rules: RouteRules
  readonly #own: OwnPatterns | undefined
  readonly #learned: LearnedRoutes

  constructor(rules: RouteRules, learned: LearnedRoutes, own: OwnPatterns | undefined) {
    this.#rules = rules
    this.#learned = learned
    this.#own = own
  }

  get learned(): LearnedRoutes {
    return this.#learned
  }

  /** What alone there is of a request, if its path is ignored for the other signal. */
  onlyOf(path: string): Only {
    const { ignored, ignoreMode } = this.#rules
    if (ignored.length === 0 || ignoreMode === 'all') return undefined
    if (firstMatch(ignored, segmentsOf(path)) === undefined) return undefined
    return ignoreMode === 'traces' ? 'metrics' : 'traces'
  }

  /** The route of a request; '' for none, undefined when nothing is wanted of its path. */
  of(request: RouteRequest): string | undefined {
    const { ignored: all, ignoreMode, patterns } = this.#rules
    const ignored = ignoreMode === 'all' ? all : []
    const own = this.#own?.[request.side] ?? []
    const chosen = own.length > 0 ? own : patterns
    if (chosen.length > 0 || ignored.length > 0) {
      const segments = segmentsOf(request.path)
      if (firstMatch(ignored, segments) !== undefined) return undefined
      const matched = firstMatch(chosen, segments)
      if (matched !== undefined) return matched.route
    }
    return request.path.startsWith('/') ? this.#unmatched(request) : ''
  }

  #unmatched({ side, method, path, learn }: RouteRequest): string {
    const { unmatched, wildcard } = this.#rules
    switch (unmatched) {
      case 'learned':
      case 'low-cardinality':
        return this.#learned.route(side, method, path, learn)
      case 'heuristic':
        return heuristicRoute(path, wildcard)
      case 'wildcard':
        return `/${wildcard}${wildcard}`
      case 'path':
        return path
      default:
        return ''
    }
  }
}

/** Each segment alone: a word stays, everything else is the wildcard. */
function heuristicRoute(path: string, wildcard: string): string {
  const segments = segmentsOf(path).slice(0, SEGMENTS_MAX)
  return `/${segments.map((one) => (isVariable(one) ? wildcard : one)).join('/')}`
}

const SERVICES_MAX = 1024

/** The routes of all services, by name: processes of one service share what is learned. */
export class AllRoutes {
  readonly #rules: RouteRules
  readonly #learned = new Map<string, LearnedRoutes>()

  constructor(rules: RouteRules) {
    this.#rules = rules
  }

  ofService(name: string, own?: OwnPatterns): ServiceRoutes {
    const learned = this.#learned.get(name) ?? this.#newLearned(name)
    return new ServiceRoutes(this.#rules, learned, own)
  }

  #newLearned(name: string): LearnedRoutes {
    const { unmatched, maxNames, wildcard } = this.#rules
    const learned = new LearnedRoutes(
      unmatched === 'learned'
        ? { children: LEARNED_CHILDREN, names: maxNames, wildcard }
        : { children: LOW_CARDINALITY_CHILDREN, names: Infinity, wildcard },
    )
    const oldest = this.#learned.keys().next().value
    if (this.#learned.size >= SERVICES_MAX && oldest !== undefined) this.#learned.delete(oldest)
    this.#learned.set(name, learned)
    return learned
  }
}
