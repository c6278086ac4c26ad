import type { Metric, NumberPoint, ResourceMetrics } from '../../pipeline/data/metrics.ts'
import type { RuleConfig } from './config.ts'

/** The points of a gauge or a sum; other metrics have no single values. */
const pointsOf = ({ data }: Metric): readonly NumberPoint[] =>
  data.kind === 'gauge' || data.kind === 'sum' ? data.points : []

function numberOf(point: NumberPoint | undefined): number | undefined {
  return point === undefined || point.value.kind === 'none' ? undefined : Number(point.value.value)
}

/** The first value of a metric of the resource. */
function operandOf(data: ResourceMetrics, name: string): number | undefined {
  for (const { metrics } of data.scopeMetrics) {
    const found = metrics.find((one) => one.name === name)
    if (found !== undefined) return numberOf(pointsOf(found)[0])
  }
  return undefined
}

/** Undefined for what has no result: a division by 0. */
function calculated(a: number, operation: RuleConfig['operation'], b: number): number | undefined {
  switch (operation) {
    case 'add':
      return a + b
    case 'subtract':
      return a - b
    case 'multiply':
      return a * b
    case 'divide':
      return b === 0 ? undefined : a / b
    case 'percent':
      return b === 0 ? undefined : (a / b) * 100
  }
}

/** The resource with one metric more beside each `metric1`; the very same without its operands. */
export function generate(
  data: ResourceMetrics,
  rule: RuleConfig,
  skipped: (why: 'skipped_division_by_zero') => void,
): ResourceMetrics {
  const operand = rule.type === 'scale' ? rule.scale_by : operandOf(data, rule.metric2)
  if (operand === undefined) return data
  let changed = false
  const scopeMetrics = data.scopeMetrics.map((scope) => {
    const made = scope.metrics
      .filter((one) => one.name === rule.metric1)
      .flatMap((one) => newMetric(one, rule, operand, skipped))
    if (made.length === 0) return scope
    changed = true
    return { ...scope, metrics: [...scope.metrics, ...made] }
  })
  return changed ? { ...data, scopeMetrics } : data
}

/** Of the type of the first metric, in doubles. */
function newMetric(
  from: Metric,
  rule: RuleConfig,
  operand: number,
  skipped: (why: 'skipped_division_by_zero') => void,
): Metric[] {
  const points = pointsOf(from).flatMap((point): NumberPoint[] => {
    const value = numberOf(point)
    if (value === undefined) return []
    const result = calculated(value, rule.operation, operand)
    if (result !== undefined) {
      return [{ ...point, value: { kind: 'double', value: result }, exemplars: [] }]
    }
    skipped('skipped_division_by_zero')
    return []
  })
  const { data } = from
  if (points.length === 0 || (data.kind !== 'gauge' && data.kind !== 'sum')) return []
  const { name, unit, type } = rule
  const metric = { name, unit, description: '', metadata: [] }
  if (data.kind === 'gauge') return [{ ...metric, data: { ...data, points } }]
  const monotonic = data.monotonic && type === 'scale' // of two metrics a result may fall
  return [{ ...metric, data: { ...data, points, monotonic } }]
}
