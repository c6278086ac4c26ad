import { type Act, compileActions } from '../../pipeline/attribute_actions/actions.ts'
import { type Component, type Consumer, type Info, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import { type MatchProperties, SIGNAL_FAULTS } from '../../pipeline/match/fields.ts'
import { logTests, metricTests, spanTests } from '../../pipeline/match/items.ts'
import type { ItemTest } from '../../pipeline/match/matcher.ts'
import {
  compileSelection,
  needsNoItem,
  type Selection,
  selectIn,
} from '../../pipeline/match/selection.ts'
import type { AttributesConfig } from './config.ts'
import { type ChangeItem, mapMetrics, mapRecords, mapSpans } from './walk.ts'

type Processor<R> = Component & Consumer<Batch<R>>

/** How the items of one signal are looked at and changed. */
interface Kind<R, Item> {
  readonly fault: (properties: MatchProperties) => string | undefined
  readonly tests: ItemTest<Item>
  /** What of the properties counts; undefined if nothing that does is set. */
  readonly relevant: (properties: MatchProperties) => MatchProperties | undefined
  readonly map: (data: R, change: ChangeItem<Item>) => R
}

const whole = (properties: MatchProperties) => properties

/** Throws if there is something that metrics have not. */
function names(properties: MatchProperties): MatchProperties | undefined {
  const fault = SIGNAL_FAULTS.metrics(properties)
  if (fault !== undefined) throw new Error(fault)
  if (properties.metric_names.length === 0) return undefined
  return { ...properties, resources: [] }
}

export const kinds = {
  traces: { fault: SIGNAL_FAULTS.traces, tests: spanTests, relevant: whole, map: mapSpans },
  logs: { fault: SIGNAL_FAULTS.logs, tests: logTests, relevant: whole, map: mapRecords },
  metrics: {
    fault: SIGNAL_FAULTS.metrics,
    tests: metricTests,
    relevant: names,
    map: mapMetrics,
  },
} as const

/** Throws if `include` or `exclude` is not for this signal. */
export function attributesProcessor<R extends { readonly resource: Resource }, Item>(
  kind: Kind<R, Item>,
  config: AttributesConfig,
  next: Consumer<Batch<R>>,
): Processor<R> {
  const act = compileActions(config.actions)
  const change = changeBy(kind, selectionOf(kind, config), act)
  return { ...stateless, consume: (batch, info) => next.consume(change(batch, info), info) }
}

function selectionOf<R, Item>(kind: Kind<R, Item>, config: AttributesConfig): Selection<Item> {
  const relevant = ({ include, exclude }: AttributesConfig) => ({
    include: include && kind.relevant(include),
    exclude: exclude && kind.relevant(exclude),
  })
  return compileSelection(relevant(config), kind.fault, kind.tests)
}

/** The less it must look at, the less is decoded. */
function changeBy<R extends { readonly resource: Resource }, Item>(
  kind: Kind<R, Item>,
  selection: Selection<Item>,
  act: Act,
): (batch: Batch<R>, info: Info) => Batch<R> {
  if (selection.include === undefined && selection.exclude === undefined) {
    return (batch, info) => batch.mapAttributes((attributes) => act(attributes, info))
  }
  if (needsNoItem(selection)) {
    return (batch, info) =>
      batch.mapAttributesBy((resource) => {
        const selects = selectIn(selection, resource)
        if (selects === undefined) return undefined
        return (attributes) => (selects(attributes) ? act(attributes, info) : attributes)
      })
  }
  return (batch, info) =>
    batch.map((data) => {
      const selects = selectIn(selection, data.resource)
      if (selects === undefined) return data
      return kind.map(data, (scope, item, attributes) =>
        selects(attributes, scope, item) ? act(attributes, info) : attributes,
      )
    })
}
