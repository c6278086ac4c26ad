import type { Metric, MetricData } from '../../pipeline/data/metrics.ts'
import { Temporality } from '../../pipeline/data/metrics.ts'
import type { Arguments } from '../../pipeline/ottl/arguments.ts'
import { editor } from '../../pipeline/ottl/function.ts'
import { scaled } from './scale.ts'

/** The argument `aggregation_temporality`, as OTLP has it. */
export const temporalityOf = (args: Arguments): number =>
  Temporality[args.oneOf('aggregation_temporality', ['cumulative', 'delta'])]

const toGauge = editor('convert_sum_to_gauge', [], () => (frame) => {
  const { data } = frame.metric
  if (data.kind !== 'sum') return
  frame.metric = { ...frame.metric, data: { kind: 'gauge', points: data.points } }
})

const toSum = editor(
  'convert_gauge_to_sum',
  ['aggregation_temporality', 'is_monotonic'],
  (args) => {
    const temporality = temporalityOf(args)
    const monotonic = args.literalBool('is_monotonic')
    return (frame) => {
      const { data } = frame.metric
      if (data.kind !== 'gauge') return
      const sum: MetricData = { kind: 'sum', points: data.points, temporality, monotonic }
      frame.metric = { ...frame.metric, data: sum }
    }
  },
)

const copyMetric = editor('copy_metric', ['name?', 'description?', 'unit?'], (args) => {
  const read = (name: string) => (args.has(name) ? args.text(name) : undefined)
  const [name, description, unit] = [read('name'), read('description'), read('unit')]
  return (frame) => {
    const copy: Metric = {
      ...frame.metric,
      ...(name && { name: name(frame) }),
      ...(description && { description: description(frame) }),
      ...(unit && { unit: unit(frame) }),
    }
    frame.added.push(copy)
  }
})

const scaleMetric = editor('scale_metric', ['factor', 'unit?'], (args) => {
  const factor = args.number('factor')
  const unit = args.has('unit') ? args.text('unit') : undefined
  return (frame) => {
    const by = factor(frame)
    const data = scaled(frame.metric.data, by)
    frame.metric = { ...frame.metric, data, ...(unit && { unit: unit(frame) }) }
  }
})

export const converting = [toGauge, toSum, copyMetric, scaleMetric]
