import type { Exemplar, MetricData } from '../../data/metrics.ts'
import { EvaluationError } from '../error.ts'
import type { Frame } from '../frame.ts'
import { bool, int, type Value } from '../value.ts'
import {
  BOOL,
  type Field,
  type Fields,
  id,
  MAP,
  member,
  SMALL,
  TEXT,
  times,
  whole,
} from './field.ts'

/** In the order of METRIC_DATA_TYPE_*. */
const DATA_KINDS: readonly MetricData['kind'][] = [
  'empty',
  'gauge',
  'sum',
  'histogram',
  'exponential_histogram',
  'summary',
]

/** A member of the data of a metric, nil for kinds that have none. */
const dataMember = (
  key: string,
  show: (member: never) => Value,
  take: (value: Value) => unknown,
): Field => ({
  get({ metric: { data } }) {
    return key in data ? show((data as never)[key]) : undefined
  },
  set(frame: Frame, value) {
    const { metric } = frame
    if (!(key in metric.data)) return
    frame.metric = { ...metric, data: { ...metric.data, [key]: take(value) } }
  },
})

const dataPoints: Field = {
  get: ({ metric: { data } }) => ({ kind: 'data', type: 'data points', value: data }),
  set(frame, value) {
    const data = whole<MetricData>('data points').take(value)
    if (data.kind !== frame.metric.data.kind) {
      throw new EvaluationError(
        `data points of a ${data.kind} do not fit into a metric of another type`,
      )
    }
    frame.metric = {
      ...frame.metric,
      data: { ...frame.metric.data, points: data.points } as MetricData,
    }
  },
}

export const metricFields: Fields = {
  name: member('metric', 'name', TEXT),
  description: member('metric', 'description', TEXT),
  unit: member('metric', 'unit', TEXT),
  type: { get: ({ metric }) => int(DATA_KINDS.indexOf(metric.data.kind)) },
  aggregation_temporality: dataMember('temporality', int, SMALL.take),
  is_monotonic: dataMember('monotonic', bool, BOOL.take),
  metadata: member('metric', 'metadata', MAP),
  data_points: dataPoints,
}

export const exemplarFields: Fields = {
  attributes: member('exemplar', 'filteredAttributes', MAP),
  filtered_attributes: member('exemplar', 'filteredAttributes', MAP),
  ...times('exemplar', 'time', 'time'),
  trace_id: id('exemplar', 'traceId', 'TraceID'),
  span_id: id('exemplar', 'spanId', 'SpanID'),
  value_int: numberValue('exemplar', 'int'),
  value_double: numberValue('exemplar', 'double'),
}

/** The value of a number point or exemplar; of the other type it is 0, as pdata has it. */
export function numberValue(part: 'point' | 'exemplar', kind: 'int' | 'double'): Field {
  return {
    get(frame) {
      const { value } = frame[part] as { readonly value?: Exemplar['value'] }
      if (value === undefined) return undefined
      return value.kind === kind ? value : { kind, value: 0 }
    },
    set(frame, found) {
      if (!('value' in frame[part])) return
      if (found?.kind !== kind) throw new EvaluationError(`expected ${kind}`)
      ;(frame as unknown as Record<string, object>)[part] = { ...frame[part], value: found }
    },
  }
}
