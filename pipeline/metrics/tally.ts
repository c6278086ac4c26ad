import type { Context } from '../component.ts'
import { type Attribute, type Attributes, attribute } from '../data/attributes.ts'
import type { Batch } from '../data/batch.ts'
import type { Metric, NumberPoint, ResourceMetrics } from '../data/metrics.ts'
import { Temporality } from '../data/metrics.ts'
import type { Resource, Scope } from '../data/resource.ts'
import { type UnixTime, wallTime } from '../data/time.ts'
import type { ContextName, OttlSignal } from '../ottl/contexts.ts'
import { Frame, type Test } from '../ottl/frame.ts'
import { convertersOf } from '../ottl/functions/standard.ts'
import { type Compiled, compileProgram } from '../ottl/program.ts'
import { anyTrue, failuresOf, type OnFailure } from '../ottl/run.ts'
import type { Walk } from '../ottl/walk.ts'
import { isBefore } from './aggregate.ts'
import { attributesKey } from './identity.ts'

/** A metric that items add to. */
export interface TallyRule {
  readonly name: string
  readonly description: string
  /** One must be true; none is as if one was. */
  readonly conditions: readonly string[]
  readonly attributes: readonly { readonly key: string; readonly default_value: unknown }[]
  /** What an item adds; nothing for one that is left out. */
  readonly value: (attributes: Attributes) => number | undefined
  /** The value that stands for an attribute that is not there. */
  readonly fallback: (plain: unknown) => Attribute['value']
  readonly kind: 'int' | 'double'
}

interface Sum {
  readonly attributes: Attributes
  value: number
}

interface TallyProgram {
  readonly rule: TallyRule
  readonly conditions: readonly Compiled<Test>[]
}

/** Attributes of what a context is about. */
function attributesOf(frame: Frame, context: ContextName): Attributes {
  switch (context) {
    case 'span':
      return frame.span.attributes
    case 'spanevent':
      return frame.event.attributes
    case 'datapoint':
      return frame.point.attributes
    case 'log':
      return frame.log.attributes
    default:
      return []
  }
}

/** When what a context is about was; of a metric nothing is known. */
function timesOf(frame: Frame, context: ContextName): readonly UnixTime[] {
  switch (context) {
    case 'span':
      return [frame.span.start, frame.span.end]
    case 'spanevent':
      return [frame.event.time]
    case 'datapoint':
      return [frame.point.time]
    case 'log':
      return [frame.log.time]
    default:
      return []
  }
}

/** Adds up the items of one context. Conditions that fail are false, logged and counted. */
export class Tally<R extends { readonly resource: Resource }> {
  readonly #rules: readonly TallyProgram[]
  readonly #walk: Walk<R>
  readonly #context: ContextName
  readonly #onFailure: OnFailure

  /** Throws `ProgramFault`. */
  constructor(
    ctx: Context,
    signal: OttlSignal,
    context: ContextName,
    walk: Walk<R>,
    rules: readonly TallyRule[],
  ) {
    this.#walk = walk
    this.#context = context
    this.#onFailure = failuresOf(ctx, 'ignore')
    this.#rules = rules.map((rule) => ({
      rule,
      conditions: compileProgram({ signal, context, conditions: rule.conditions }, convertersOf)
        .conditions,
    }))
  }

  /** The metrics of one resource, only those that an item added to. They tell of the time of all its items, or if none says its own of `now`. */
  metrics(data: R, now: UnixTime): Metric[] {
    const sums = this.#rules.map(() => new Map<string, Sum>())
    let start: UnixTime | undefined
    let time: UnixTime | undefined
    const visit = (frame: Frame) => {
      for (const one of timesOf(frame, this.#context)) {
        if (one[0] === 0 && one[1] === 0) continue // not known
        if (start === undefined || isBefore(one, start)) start = one
        if (time === undefined || isBefore(time, one)) time = one
      }
      for (const [i, rule] of this.#rules.entries()) this.#add(rule, sums[i], frame)
      return true
    }
    this.#walk(data, new Frame(), { visit, prune: false })
    const between = { start: start ?? now, time: time ?? now }
    return this.#rules.flatMap(({ rule }, i) =>
      metricOf(rule, [...(sums[i]?.values() ?? [])], between),
    )
  }

  #add({ rule, conditions }: TallyProgram, sums: Map<string, Sum> | undefined, frame: Frame): void {
    if (conditions.length > 0 && !anyTrue(conditions, frame, this.#onFailure)) return
    const own = attributesOf(frame, this.#context)
    const value = rule.value(own)
    const labels = value === undefined ? undefined : labelsOf(rule, own, frame)
    if (value === undefined || labels === undefined) return
    const key = attributesKey(labels)
    const sum = sums?.get(key)
    if (sum === undefined) sums?.set(key, { attributes: labels, value })
    else sum.value += value
  }
}

/** Of the item, its scope or its resource; undefined if one is missing that has no default. */
function labelsOf(rule: TallyRule, own: Attributes, frame: Frame): Attributes | undefined {
  const labels: Attribute[] = []
  for (const { key, default_value } of rule.attributes) {
    const found =
      attribute(own, key) ??
      attribute(frame.scope.attributes, key) ??
      attribute(frame.resource.attributes, key)
    if (found === undefined && (default_value === undefined || default_value === null))
      return undefined
    labels.push({ key, value: found ?? rule.fallback(default_value) })
  }
  return labels
}

function metricOf(
  rule: TallyRule,
  sums: readonly Sum[],
  between: Pick<NumberPoint, 'start' | 'time'>,
): Metric[] {
  if (sums.length === 0) return []
  const points = sums.map(({ attributes, value }) => ({
    attributes,
    ...between,
    flags: 0,
    value: { kind: rule.kind, value },
    exemplars: [],
  }))
  const { name, description } = rule
  const data = { kind: 'sum', points, temporality: Temporality.delta, monotonic: true } as const
  return [{ name, description, unit: '', metadata: [], data }]
}

/** The metrics of all resources of a batch, by all tallies. */
export function tallied<R extends { readonly resource: Resource }>(
  batch: Batch<R>,
  tallies: readonly Tally<R>[],
  scope: Scope,
): readonly ResourceMetrics[] {
  const now = wallTime()
  return batch.resources().flatMap((data) => {
    const metrics = tallies.flatMap((tally) => tally.metrics(data, now))
    if (metrics.length === 0) return []
    return [
      { resource: data.resource, scopeMetrics: [{ scope, metrics, schemaUrl: '' }], schemaUrl: '' },
    ]
  })
}
