import {
  type ExponentialHistogramPoint,
  type HistogramPoint,
  type Metric,
  type MetricData,
  type NumberPoint,
  type NumberValue,
  type SummaryPoint,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import type { Arguments } from '../../pipeline/ottl/arguments.ts'
import { EvaluationError } from '../../pipeline/ottl/error.ts'
import { editor } from '../../pipeline/ottl/function.ts'
import { percentileOf } from './percentile.ts'

export type Populated = HistogramPoint | ExponentialHistogramPoint | SummaryPoint

/** The points of a metric that counts a population. Throws for metrics that do not. */
function populationOf(data: MetricData, name: string): readonly Populated[] {
  if (
    data.kind === 'histogram' ||
    data.kind === 'exponential_histogram' ||
    data.kind === 'summary'
  ) {
    return data.points
  }
  throw new EvaluationError(
    `${name}: the metric must be a histogram or a summary, it is a ${data.kind}`,
  )
}

export const numberPoint = (point: Populated, value: NumberValue): NumberPoint => ({
  attributes: point.attributes,
  start: point.start,
  time: point.time,
  flags: 0,
  value,
  exemplars: [],
})

/** The argument `suffix`. */
export const suffixOf = (args: Arguments, fallback: string): string =>
  args.has('suffix') ? args.literalText('suffix') : fallback

/** A new sum out of one value of each point. */
function extractor(
  name: string,
  fallback: string,
  unit: (metric: Metric) => string,
  read: (point: Populated) => NumberValue | undefined,
) {
  return editor(name, ['is_monotonic', 'suffix?'], (args) => {
    const monotonic = args.literalBool('is_monotonic')
    const suffix = suffixOf(args, fallback)
    return (frame) => {
      const { metric } = frame
      const points = populationOf(metric.data, name).flatMap((point) => {
        const value = read(point)
        return value === undefined ? [] : [numberPoint(point, value)]
      })
      if (points.length === 0) return
      const temporality =
        'temporality' in metric.data ? metric.data.temporality : Temporality.cumulative
      frame.added.push({
        ...metric,
        name: metric.name + suffix,
        unit: unit(metric),
        data: { kind: 'sum', points, temporality, monotonic },
      })
    }
  })
}

const percentile = editor('extract_percentile_metric', ['percentile', 'suffix?'], (args) => {
  const wanted = args.literalNumber('percentile')
  if (!(wanted > 0 && wanted < 100))
    args.fault('percentile', `must be between 0 and 100, got ${wanted}`)
  const suffix = suffixOf(args, `_p${wanted}`)
  return (frame) => {
    const { metric } = frame
    if (metric.data.kind !== 'histogram' && metric.data.kind !== 'exponential_histogram') {
      throw new EvaluationError('extract_percentile_metric: the metric must be a histogram')
    }
    const points = (metric.data.points as readonly Populated[]).flatMap((point) => {
      const value = percentileOf(point as HistogramPoint | ExponentialHistogramPoint, wanted / 100)
      return value === undefined ? [] : [numberPoint(point, { kind: 'double', value })]
    })
    if (points.length === 0) return
    frame.added.push({ ...metric, name: metric.name + suffix, data: { kind: 'gauge', points } })
  }
})

export const extracting = [
  extractor(
    'extract_count_metric',
    '_count',
    () => '1',
    (point) => ({
      kind: 'int',
      value: point.count,
    }),
  ),
  extractor(
    'extract_sum_metric',
    '_sum',
    (metric) => metric.unit,
    (point) => (point.sum === undefined ? undefined : { kind: 'double', value: point.sum }),
  ),
  percentile,
]
