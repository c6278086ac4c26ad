import { enumOf, float, type Infer, list, map, object, text } from '../../config/fields.ts'
import { AGGREGATIONS } from '../../pipeline/metrics/aggregate.ts'
import { expressionFault } from '../../pipeline/regexp.ts'

const TYPES = ['', ...AGGREGATIONS] as const
const OPERATIONS = [
  'add_label',
  'update_label',
  'delete_label_value',
  'toggle_scalar_data_type',
  'experimental_scale_value',
  'aggregate_labels',
  'aggregate_label_values',
] as const

const aggregation = () =>
  enumOf(TYPES, (found) => `aggregation_type ${JSON.stringify(found)} is not known`).default('')

const operation = object({
  action: enumOf(
    OPERATIONS,
    (found) => `operation action ${JSON.stringify(found)} is not known`,
  ).describe('What is done to the labels or values of the metric.'),
  label: text().default('').describe('The label that is acted on.'),
  new_label: text().default('').describe('add_label: its name; update_label: its new name.'),
  new_value: text().default('').describe('add_label, aggregate_label_values: the value.'),
  label_value: text().default('').describe('delete_label_value: points with this value go.'),
  label_set: list(text()).describe('aggregate_labels: labels that stay.'),
  aggregation_type: aggregation().describe(
    'aggregate_labels, aggregate_label_values: how points become one.',
  ),
  aggregated_values: list(text()).describe('aggregate_label_values: values that become new_value.'),
  value_actions: list(
    object({
      value: text().default('').describe('A value of the label.'),
      new_value: text().default('').describe('What it becomes.'),
    }),
  ).describe('update_label: other values.'),
  experimental_scale: float().default(0).describe('experimental_scale_value: the factor.'),
})
  .check(({ action, label }) =>
    needs(action, 'label', label, ['update_label', 'delete_label_value', 'aggregate_label_values']),
  )
  .check(({ action, new_label }) => needs(action, 'new_label', new_label, ['add_label']))
  .check(({ action, new_value }) =>
    needs(action, 'new_value', new_value, ['add_label', 'aggregate_label_values']),
  )
  .check(({ action, label_value }) =>
    needs(action, 'label_value', label_value, ['delete_label_value']),
  )
  .check(
    ({ action, experimental_scale: scale }) =>
      action === 'experimental_scale_value' &&
      scale === 0 &&
      'experimental_scale_value needs experimental_scale',
  )
  .check(({ action, aggregation_type: type }) =>
    needs(action, 'aggregation_type', type, ['aggregate_labels', 'aggregate_label_values']),
  )

const needs = (action: string, field: string, value: string, actions: readonly string[]) =>
  actions.includes(action) && value === '' && `operation ${action} needs "${field}"`

const transform = object({
  include: text().nonEmpty().describe('The name of the metrics, or an expression (RE2).'),
  match_type: enumOf(['strict', 'regexp']).default('strict').describe('What include is.'),
  experimental_match_labels: map(text()).describe(
    'Only points with these labels; values are compared as match_type says.',
  ),
  action: enumOf(
    ['insert', 'update', 'combine', 'group'],
    (found) => `action ${JSON.stringify(found)} is not known`,
  ).describe(
    'update: changes the metric; insert: a changed copy; combine: makes one of several; group: to a resource of its own.',
  ),
  new_name: text().default('').describe('Of the metric; groups of the expression as in `$1`.'),
  group_resource_labels: map(text()).describe('group: attributes of the resource.'),
  aggregation_type: aggregation().describe(
    'combine: how points of equal labels become one; sum unless set.',
  ),
  submatch_case: enumOf(['', 'lower', 'upper'])
    .default('')
    .describe('combine: whether values of labels out of the name change their case.'),
  operations: list(operation).describe('Done in this order.'),
})
  .check(
    ({ action, new_name }) =>
      (action === 'insert' || action === 'combine') &&
      new_name === '' &&
      `missing required field "new_name" while "action" is ${action}`,
  )
  .check(
    ({ action, group_resource_labels: labels }) =>
      action === 'group' &&
      labels.size === 0 &&
      'missing required field "group_resource_labels" while "action" is group',
  )
  .check(includeFault)

interface Names {
  readonly match_type: string
  readonly include: string
  readonly experimental_match_labels: ReadonlyMap<string, string>
}

function includeFault({ match_type, include, experimental_match_labels: labels }: Names) {
  if (match_type !== 'regexp') return undefined
  return expressionFault([include, ...labels.values()], (one, why) => `"include", ${one}: ${why}`)
}

export const schema = object({
  transforms: list(transform)
    .describe('Done in this order; later ones see what earlier ones made.')
    .check((found) => found.length === 0 && 'missing required field "transforms"'),
})

export type TransformConfig = Infer<typeof transform>
export type OperationConfig = Infer<typeof operation>
