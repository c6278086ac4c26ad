import type { Attributes } from '../data/attributes.ts'
import type { Resource, Scope } from '../data/resource.ts'
import type { MatchProperties } from './fields.ts'
import { compileMatch, type ItemTest, type Match } from './matcher.ts'

/** Which items are acted on. */
export interface Selection<Item> {
  readonly include: Match<Item> | undefined
  readonly exclude: Match<Item> | undefined
}

/** Of one resource: whether one of its items is acted on. Without scope and item, their conditions hold. */
export type Selects<Item> = (attributes: Attributes, scope?: Scope, item?: Item) => boolean

/** Whether a look at the resource and the attributes of an item is enough to say. */
export const needsNoItem = ({ include, exclude }: Selection<never>): boolean =>
  [include, exclude].every((one) => one?.scope === undefined && one?.item === undefined)

/** Undefined if no item of the resource is acted on. */
export function selectIn<Item>(
  { include, exclude }: Selection<Item>,
  resource: Resource,
): Selects<Item> | undefined {
  if (include?.resource?.(resource) === false) return undefined
  const included = restOf(include)
  const excluded =
    exclude !== undefined && exclude.resource?.(resource) !== false ? restOf(exclude) : undefined
  return (attributes, scope, item) =>
    included(attributes, scope, item) && excluded?.(attributes, scope, item) !== true
}

const restOf =
  <Item>(match: Match<Item> | undefined): Selects<Item> =>
  (attributes, scope, item) =>
    (scope === undefined || match?.scope?.(scope) !== false) &&
    (item === undefined || match?.item?.(item) !== false) &&
    match?.attributes?.(attributes) !== false

/** Throws if `include` or `exclude` is not for this signal. */
export function compileSelection<Item>(
  config: {
    readonly include: MatchProperties | undefined
    readonly exclude: MatchProperties | undefined
  },
  fault: (properties: MatchProperties) => string | undefined,
  tests: ItemTest<Item>,
): Selection<Item> {
  const match = (properties: MatchProperties | undefined) => {
    const wrong = properties && fault(properties)
    if (wrong !== undefined) throw new Error(wrong)
    return properties && compileMatch(properties, tests)
  }
  return { include: match(config.include), exclude: match(config.exclude) }
}
