import type { Attributes } from '../../pipeline/data/attributes.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { Match } from '../../pipeline/match/matcher.ts'

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
