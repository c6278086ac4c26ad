import type { Expanded } from '../../../config/expanded.ts'
import { show } from '../../../config/expanded.ts'
import { enumOf, type Infer, int, list, object, text } from '../../../config/fields.ts'
import { textOf } from '../../../config/scalars.ts'
import { type Invalid, type JsonSchema, type Reader, Schema } from '../../../config/schema.ts'
import { type Pattern, parsePattern } from './pattern.ts'
import { type OwnPatterns, type RouteRules, UNMATCHED } from './routes.ts'

class PatternSchema extends Schema<Pattern> {
  protected convert(node: Expanded, reader: Reader): Pattern | Invalid {
    const pattern = parsePattern(textOf(node) ?? '')
    if (typeof pattern !== 'string') return pattern
    return reader.error(`expected a route like "/users/{id}", got ${show(node)}: ${pattern}`)
  }

  protected shape(): JsonSchema {
    return { type: 'string', format: 'route' }
  }
}

const patterns = () => list(new PatternSchema())

/** The `routes` section. */
export const routesFields = object({
  patterns: patterns().describe('Routes: `/users/{id}`, `/users/:id`, `/static/*`. First match.'),
  ignored_patterns: patterns().describe('Requests of which there is no span and no metric.'),
  ignore_mode: enumOf(['all', 'traces', 'metrics'])
    .default('all')
    .describe('What `ignored_patterns` leaves out.'),
  unmatched: enumOf(UNMATCHED)
    .default('learned')
    .describe('Route of a path that no pattern matches.'),
  wildcard_char: text()
    .check((char) => [...char].length !== 1 && 'expected one character')
    .default('*')
    .describe('Stands for a segment that names one thing among many.'),
  max_names: int()
    .min(20)
    .max(10_000)
    .default(100)
    .describe('Span names that `learned` gives a service, at most.'),
})

/** `routes` of an entry of `discovery::instrument`. */
export const ownRoutesFields = object({
  incoming: patterns().describe('In place of `routes::patterns` for what it serves.'),
  outgoing: patterns().describe('The same for what it asks for.'),
})

export const routeRulesOf = (config: Infer<typeof routesFields>): RouteRules => ({
  patterns: config.patterns,
  ignored: config.ignored_patterns,
  ignoreMode: config.ignore_mode,
  unmatched: config.unmatched,
  wildcard: config.wildcard_char,
  maxNames: config.max_names,
})

/** Undefined when the entry has no patterns. */
export const ownPatternsOf = ({
  incoming,
  outgoing,
}: Infer<typeof ownRoutesFields>): OwnPatterns | undefined =>
  incoming.length + outgoing.length === 0 ? undefined : { incoming, outgoing }
