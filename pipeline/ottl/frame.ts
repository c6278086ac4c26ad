import { NO_RESOURCE, NO_SCOPE } from '../codec/decode_common.ts'
import type { Info } from '../component.ts'
import type { Attributes } from '../data/attributes.ts'
import type { LogRecord } from '../data/logs.ts'
import type { Exemplar, Metric, MetricData } from '../data/metrics.ts'
import type { Resource, Scope } from '../data/resource.ts'
import { NO_SPAN, type SpanEvent } from '../data/traces.ts'
import type { Value } from './value.ts'

/** A data point of any kind; `frame.metric.data.kind` says of which. */
export type Point = MetricData['points'][number]

const NO_EVENT: SpanEvent = { time: [0, 0], name: '', attributes: [], droppedAttributesCount: 0 }

const NO_METRIC: Metric = {
  name: '',
  description: '',
  unit: '',
  metadata: [],
  data: { kind: 'empty', points: [] },
}

const NO_POINT: Point = {
  attributes: [],
  start: [0, 0],
  time: [0, 0],
  flags: 0,
  value: { kind: 'none' },
  exemplars: [],
}

const NO_RECORD: LogRecord = {
  time: [0, 0],
  observedTime: [0, 0],
  severityNumber: 0,
  severityText: '',
  body: { kind: 'empty' },
  attributes: [],
  droppedAttributesCount: 0,
  flags: 0,
  traceId: '',
  spanId: '',
  eventName: '',
}

const NO_EXEMPLAR: Exemplar = {
  filteredAttributes: [],
  time: [0, 0],
  value: { kind: 'none' },
  spanId: '',
  traceId: '',
}

/**
 * What a statement sees: one item and all that is around it. The parts are immutable; an editor puts another one in the place of
 * what it changes, and whoever walks over the items takes it from there. One shape for all contexts keeps property access fast.
 */
export class Frame {
  info: Info = {}
  resource: Resource = NO_RESOURCE
  resourceSchemaUrl = ''
  scope: Scope = NO_SCOPE
  scopeSchemaUrl = ''
  span = NO_SPAN
  event = NO_EVENT
  eventIndex = 0
  metric = NO_METRIC
  point: Point = NO_POINT
  exemplar = NO_EXEMPLAR
  log = NO_RECORD
  /** Of the item, empty at its beginning. */
  cache: Attributes = []
  /** Metrics that statements added to the scope. */
  added: Metric[] = []
}

export type Get = (frame: Frame) => Value
export type Put = (frame: Frame, value: Value) => void
export type Test = (frame: Frame) => boolean
export type Edit = (frame: Frame) => void

/** What an expression became. `constant` is there if it is the same for every item. */
export interface Operand {
  readonly get: Get
  readonly set: Put | undefined
  readonly constant: { readonly value: Value } | undefined
}

/** A lambda, of so many arguments as it was asked for. */
export type Lambda = (frame: Frame, ...args: readonly Value[]) => Value
