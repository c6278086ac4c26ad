import type { Attributes } from '../../pipeline/data/attributes.ts'
import { mapPoints } from '../../pipeline/data/map_attributes.ts'
import {
  AGGREGATIONS,
  type Aggregation,
  aggregatePoints,
} from '../../pipeline/metrics/aggregate.ts'
import type { Arguments } from '../../pipeline/ottl/arguments.ts'
import { EvaluationError } from '../../pipeline/ottl/error.ts'
import type { Edit } from '../../pipeline/ottl/frame.ts'
import { editor } from '../../pipeline/ottl/function.ts'
import { inMap, withKey } from '../../pipeline/ottl/keys.ts'

/** Changes the attributes of all points, then makes one of those that have become the same. */
function editPoints(
  aggregation: Aggregation,
  change: (attributes: Attributes) => Attributes,
): Edit {
  return (frame) => {
    const { metric } = frame
    if (metric.data.kind === 'summary' || metric.data.kind === 'empty') {
      throw new EvaluationError(`aggregation is not supported for a ${metric.data.kind}`)
    }
    const data = aggregatePoints(mapPoints(metric.data, change), aggregation)
    frame.metric = { ...metric, data }
  }
}

const functionOf = (args: Arguments, name: string): Aggregation => args.oneOf(name, AGGREGATIONS)

const onAttributes = editor(
  'aggregate_on_attributes',
  ['aggregation_function', 'attributes?'],
  (args) => {
    const aggregation = functionOf(args, 'aggregation_function')
    if (!args.has('attributes')) return editPoints(aggregation, (attributes) => attributes)
    const kept = new Set(args.literalTexts('attributes'))
    return editPoints(aggregation, (attributes) => attributes.filter((one) => kept.has(one.key)))
  },
)

const onValue = editor(
  'aggregate_on_attribute_value',
  ['aggregation_function', 'attribute', 'values', 'newValue'],
  (args) => {
    const aggregation = functionOf(args, 'aggregation_function')
    const key = args.literalText('attribute')
    const values = new Set(args.literalTexts('values'))
    const value = { kind: 'string', value: args.literalText('newValue') } as const
    return editPoints(aggregation, (attributes) => {
      const found = inMap(attributes, key)
      const meant = found?.kind === 'string' && values.has(found.value)
      return meant ? withKey(attributes, key, value) : attributes
    })
  },
)

export const aggregating = [onAttributes, onValue]
