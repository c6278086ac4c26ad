import { otelcolFields, resourceFields, scopeFields } from './paths/around.ts'
import { datapointFields } from './paths/datapoint.ts'
import type { Fields } from './paths/field.ts'
import { logFields } from './paths/logs.ts'
import { exemplarFields, metricFields } from './paths/metrics.ts'
import { spanEventFields, spanFields } from './paths/traces.ts'

export type ContextName =
  | 'resource'
  | 'scope'
  | 'span'
  | 'spanevent'
  | 'metric'
  | 'datapoint'
  | 'exemplar'
  | 'log'

export interface ContextSpec {
  readonly fields: Fields
  /** Contexts whose fields are in reach by their names, this one first. */
  readonly reaches: readonly ContextName[]
}

/** What statements may be written for, and what they see there. */
export const CONTEXTS: Readonly<Record<ContextName, ContextSpec>> = {
  resource: { fields: resourceFields, reaches: ['resource'] },
  scope: { fields: scopeFields, reaches: ['scope', 'resource'] },
  span: { fields: spanFields, reaches: ['span', 'scope', 'resource'] },
  spanevent: { fields: spanEventFields, reaches: ['spanevent', 'span', 'scope', 'resource'] },
  metric: { fields: metricFields, reaches: ['metric', 'scope', 'resource'] },
  datapoint: { fields: datapointFields, reaches: ['datapoint', 'metric', 'scope', 'resource'] },
  exemplar: {
    fields: exemplarFields,
    reaches: ['exemplar', 'datapoint', 'metric', 'scope', 'resource'],
  },
  log: { fields: logFields, reaches: ['log', 'scope', 'resource'] },
}

/** The context that a prefix of a path names. */
export function contextOfPrefix(name: string): ContextName | undefined {
  if (name === 'instrumentation_scope') return 'scope'
  return Object.hasOwn(CONTEXTS, name) ? (name as ContextName) : undefined
}

/** In reach of every context, by its own prefix. */
export const EVERYWHERE: Readonly<Record<string, Fields>> = { otelcol: otelcolFields }

/** Contexts of one signal, from the outside in. */
export const CONTEXTS_OF = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint', 'exemplar'],
  logs: ['resource', 'scope', 'log'],
} as const satisfies Readonly<Record<string, readonly ContextName[]>>

export type OttlSignal = keyof typeof CONTEXTS_OF
