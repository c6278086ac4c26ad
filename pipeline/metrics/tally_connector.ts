import { anything, list, object, text } from '../../config/fields.ts'
import { toAnyValue } from '../attribute_actions/actions.ts'
import { type Consumer, type Context, stateless } from '../component.ts'
import { type Batch, type MetricBatch, metricBatch } from '../data/batch.ts'
import type { Resource, Scope } from '../data/resource.ts'
import { CONTEXTS_OF, type ContextName, type OttlSignal } from '../ottl/contexts.ts'
import { convertersOf } from '../ottl/functions/standard.ts'
import { compileProgram, ProgramFault } from '../ottl/program.ts'
import { type Walk, walkLogs, walkMetrics, walkTraces } from '../ottl/walk.ts'
import { Tally, type TallyRule, tallied } from './tally.ts'

/** What may be counted, with its context. */
const TALLIED = {
  spans: ['traces', 'span'],
  spanevents: ['traces', 'spanevent'],
  metrics: ['metrics', 'metric'],
  datapoints: ['metrics', 'datapoint'],
  logs: ['logs', 'log'],
} as const satisfies Readonly<Record<string, readonly [OttlSignal, ContextName]>>

export type Tallied = keyof typeof TALLIED

/** The settings of one metric. */
export const tallyFields = {
  description: text().default('').describe('Of the metric.'),
  conditions: list(text()).describe(
    'OTTL conditions, of which one must be true; none: every item.',
  ),
  attributes: list(
    object({
      key: text().nonEmpty().describe('Of an attribute of the item, its scope or its resource.'),
      default_value: anything()
        .optional()
        .describe('Where it is missing; without it the item is left out.'),
    }),
  ).describe('Labels of the metric.'),
}

/** What is wrong with the conditions of the metrics of one kind of items. */
export function conditionsFault(
  kind: Tallied,
  metrics: ReadonlyMap<string, { readonly conditions: readonly string[] }>,
): string | undefined {
  const [signal, context] = TALLIED[kind]
  for (const [name, { conditions }] of metrics) {
    if (name === '') return `${kind}: metric name missing`
    try {
      compileProgram({ signal, context, conditions }, convertersOf)
    } catch (error) {
      if (!(error instanceof ProgramFault)) throw error
      return `${kind} condition: metric "${name}": ${error.message}`
    }
  }
  return undefined
}

type Rules = Readonly<Record<Tallied, readonly Omit<TallyRule, 'fallback'>[]>>

export const rulesBy = (of: (kind: Tallied) => Rules[Tallied]): Rules => ({
  spans: of('spans'),
  spanevents: of('spanevents'),
  metrics: of('metrics'),
  datapoints: of('datapoints'),
  logs: of('logs'),
})

/** The `create` of a connector of all signals. */
export const tallyCreate = <C>(name: string, rulesOf: (config: C) => Rules) => {
  const scope: Scope = { name, version: '', attributes: [], droppedAttributesCount: 0 }
  return {
    'traces->metrics': (ctx: Context, config: C, next: Consumer<MetricBatch>) =>
      tallyConnector(ctx, 'traces', rulesOf(config), walkTraces, scope, next),
    'metrics->metrics': (ctx: Context, config: C, next: Consumer<MetricBatch>) =>
      tallyConnector(ctx, 'metrics', rulesOf(config), walkMetrics, scope, next),
    'logs->metrics': (ctx: Context, config: C, next: Consumer<MetricBatch>) =>
      tallyConnector(ctx, 'logs', rulesOf(config), walkLogs, scope, next),
  }
}

/** A connector that makes metrics of every batch, at once. */
function tallyConnector<R extends { readonly resource: Resource }>(
  ctx: Context,
  signal: OttlSignal,
  rules: Rules,
  walkOf: (context: ContextName) => Walk<R>,
  scope: Scope,
  next: Consumer<MetricBatch>,
) {
  const contexts: readonly ContextName[] = CONTEXTS_OF[signal]
  const tallies = Object.entries(TALLIED)
    .filter(([, [of, context]]) => of === signal && contexts.includes(context))
    .map(([kind, [, context]]) => {
      const own = rules[kind as Tallied].map((rule) => ({ ...rule, fallback: toAnyValue }))
      return new Tally(ctx, signal, context, walkOf(context), own)
    })
  const consume: Consumer<Batch<R>>['consume'] = async (batch, info) => {
    const data = tallied(batch, tallies, scope)
    if (data.length > 0) await next.consume(metricBatch(data), info)
  }
  return { ...stateless, consume }
}
