import type { Attributes } from '../../data/attributes.ts'
import { equal } from '../compare.ts'
import { converter } from '../function.ts'
import { inMap } from '../keys.ts'
import { bool, text } from '../value.ts'

interface WithAttributes {
  readonly attributes: Attributes
}

/** Of the context metric of the `filter` processor: they look at all points of the metric. */
export const pointFunctions = [
  converter('HasAttrKeyOnDatapoint', ['key'], (args) => {
    const key = args.literalText('key')
    return ({ metric }) => {
      const points: readonly WithAttributes[] = metric.data.points
      return bool(points.some((point) => inMap(point.attributes, key) !== undefined))
    }
  }),
  converter('HasAttrOnDatapoint', ['key', 'value'], (args) => {
    const key = args.literalText('key')
    const wanted = text(args.literalText('value'))
    return ({ metric }) => {
      const points: readonly WithAttributes[] = metric.data.points
      return bool(points.some((point) => equal(inMap(point.attributes, key), wanted)))
    }
  }),
]
