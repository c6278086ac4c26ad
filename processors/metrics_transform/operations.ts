import { type Attributes, attribute, string } from '../../pipeline/data/attributes.ts'
import { mapPoints } from '../../pipeline/data/map_attributes.ts'
import type { MetricData, NumberValue } from '../../pipeline/data/metrics.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { type Aggregation, aggregatePoints } from '../../pipeline/metrics/aggregate.ts'
import { withKey } from '../../pipeline/ottl/keys.ts'
import type { OperationConfig } from './config.ts'

export type Operation = (data: MetricData) => MetricData

export const labelText = (attributes: Attributes, key: string): string | undefined => {
  const value = attribute(attributes, key)
  return value === undefined ? undefined : valueText(value)
}

/** The data with only those points that a test passes. */
export function keepPoints(
  data: MetricData,
  test: (attributes: Attributes) => boolean,
): MetricData {
  const points: readonly { readonly attributes: Attributes }[] = data.points
  const kept = points.filter((one) => test(one.attributes))
  return kept.length === points.length ? data : ({ ...data, points: kept } as unknown as MetricData)
}

export function compileOperation(config: OperationConfig): Operation {
  const { label, new_label, new_value } = config
  switch (config.action) {
    case 'add_label':
      return (data) =>
        mapPoints(data, (list) => withKey(list, new_label, string('', new_value).value))
    case 'update_label':
      return updateLabel(config)
    case 'delete_label_value':
      return (data) => keepPoints(data, (list) => labelText(list, label) !== config.label_value)
    case 'toggle_scalar_data_type':
      return (data) => mapNumbers(data, toggled)
    case 'experimental_scale_value':
      return (data) => mapNumbers(data, (value) => scaledBy(value, config.experimental_scale))
    case 'aggregate_labels': {
      const kept = new Set(config.label_set)
      const keep = (list: Attributes) => list.filter((one) => kept.has(one.key))
      return (data) => aggregatePoints(mapPoints(data, keep), typeOf(config))
    }
    case 'aggregate_label_values': {
      const values = new Set(config.aggregated_values)
      const value = string('', new_value).value
      const change = (list: Attributes) =>
        values.has(labelText(list, label) ?? '') ? withKey(list, label, value) : list
      return (data) => aggregatePoints(mapPoints(data, change), typeOf(config))
    }
  }
}

const typeOf = ({ aggregation_type: type }: OperationConfig): Aggregation => type || 'sum'

function updateLabel({ label, new_label, value_actions }: OperationConfig): Operation {
  const values = new Map(value_actions.map((one) => [one.value, one.new_value]))
  const change = (list: Attributes): Attributes => {
    const text = labelText(list, label)
    if (text === undefined) return list
    const to = values.get(text)
    return list.map((one) =>
      one.key === label
        ? { key: new_label || label, value: to === undefined ? one.value : string('', to).value }
        : one,
    )
  }
  return (data) => mapPoints(data, change)
}

/** Of gauges and sums; all else has no single value. */
function mapNumbers(data: MetricData, change: (value: NumberValue) => NumberValue): MetricData {
  if (data.kind !== 'gauge' && data.kind !== 'sum') return data
  return { ...data, points: data.points.map((one) => ({ ...one, value: change(one.value) })) }
}

function toggled(value: NumberValue): NumberValue {
  if (value.kind === 'int') return { kind: 'double', value: Number(value.value) }
  return value.kind === 'double' ? { kind: 'int', value: Math.trunc(value.value) } : value
}

function scaledBy(value: NumberValue, by: number): NumberValue {
  if (value.kind === 'int') return { kind: 'int', value: Math.trunc(Number(value.value) * by) }
  return value.kind === 'double' ? { kind: 'double', value: value.value * by } : value
}
