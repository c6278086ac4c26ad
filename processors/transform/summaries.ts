import type { NumberValue, SummaryPoint } from '../../pipeline/data/metrics.ts'
import { editor } from '../../pipeline/ottl/function.ts'
import { withKey } from '../../pipeline/ottl/keys.ts'
import { temporalityOf } from './convert.ts'
import { numberPoint, suffixOf } from './extract.ts'

const PARAMETERS = ['aggregation_temporality', 'is_monotonic', 'suffix?']

/** For each point of a summary, a sum of one value. */
const perPoint = (name: string, fallback: string, read: (point: SummaryPoint) => NumberValue) =>
  editor(name, PARAMETERS, (args) => {
    const temporality = temporalityOf(args)
    const monotonic = args.literalBool('is_monotonic')
    const suffix = suffixOf(args, fallback)
    return (frame) => {
      const { metric, point } = frame
      if (metric.data.kind !== 'summary') return
      const summary = point as SummaryPoint
      frame.added.push({
        ...metric,
        name: metric.name + suffix,
        unit: '',
        metadata: [],
        data: {
          kind: 'sum',
          points: [numberPoint(summary, read(summary))],
          temporality,
          monotonic,
        },
      })
    }
  })

/** Of the context datapoint. */
export const summaries = [
  perPoint('convert_summary_count_val_to_sum', '_count', ({ count }) => ({
    kind: 'int',
    value: count,
  })),
  perPoint('convert_summary_sum_val_to_sum', '_sum', ({ sum }) => ({ kind: 'double', value: sum })),
]

/** Of the context metric. */
export const summaryQuantiles = [
  editor('convert_summary_quantile_val_to_gauge', ['attributeKey?', 'suffix?'], (args) => {
    const key = args.has('attributeKey') ? args.literalText('attributeKey') : 'quantile'
    const suffix = suffixOf(args, '.quantiles')
    return (frame) => {
      const { metric } = frame
      if (metric.data.kind !== 'summary') return
      const points = metric.data.points.flatMap((point) =>
        point.quantiles.map(({ quantile, value }) => ({
          ...numberPoint(point, { kind: 'double', value }),
          attributes: withKey(point.attributes, key, { kind: 'string', value: String(quantile) }),
        })),
      )
      frame.added.push({ ...metric, name: metric.name + suffix, data: { kind: 'gauge', points } })
    }
  }),
]
