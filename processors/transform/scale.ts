import type { Exemplar, MetricData, NumberValue } from '../../pipeline/data/metrics.ts'
import { EvaluationError } from '../../pipeline/ottl/error.ts'

/** All values times a factor; ints stay ints. Exponential histograms cannot be scaled. */
export function scaled(data: MetricData, by: number): MetricData {
  const exemplars = (list: readonly Exemplar[]) =>
    list.map((one) => ({ ...one, value: scaledValue(one.value, by) }))
  const optional = (value: number | undefined) => (value === undefined ? undefined : value * by)
  switch (data.kind) {
    case 'gauge':
    case 'sum':
      return {
        ...data,
        points: data.points.map((point) => ({
          ...point,
          value: scaledValue(point.value, by),
          exemplars: exemplars(point.exemplars),
        })),
      }
    case 'histogram':
      return {
        ...data,
        points: data.points.map((point) => ({
          ...point,
          sum: optional(point.sum),
          min: optional(point.min),
          max: optional(point.max),
          explicitBounds: point.explicitBounds.map((bound) => bound * by),
          exemplars: exemplars(point.exemplars),
        })),
      }
    case 'summary':
      return {
        ...data,
        points: data.points.map((point) => ({
          ...point,
          sum: point.sum * by,
          quantiles: point.quantiles.map((one) => ({ ...one, value: one.value * by })),
        })),
      }
    default:
      throw new EvaluationError(`scale_metric: unsupported metric type ${data.kind}`)
  }
}

function scaledValue(value: NumberValue, by: number): NumberValue {
  if (value.kind === 'none') return value
  if (value.kind === 'double') return { kind: 'double', value: value.value * by }
  return { kind: 'int', value: Math.trunc(Number(value.value) * by) }
}
