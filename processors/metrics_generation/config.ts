import { enumOf, float, type Infer, list, object, text } from '../../config/fields.ts'

const TYPES = ['calculate', 'scale'] as const
const OPERATIONS = ['add', 'subtract', 'multiply', 'divide', 'percent'] as const

const rule = object({
  name: text().nonEmpty().describe('Of the new metric.'),
  unit: text().default('').describe('Of the new metric.'),
  type: enumOf(
    TYPES,
    (found) => `"type" must be in [${TYPES.join(' ')}], got ${JSON.stringify(found)}`,
  ).describe('calculate: out of two metrics; scale: out of one and scale_by.'),
  metric1: text().nonEmpty().describe('Each of its points gives a new one.'),
  metric2: text().default('').describe('calculate: its first point is the second operand.'),
  operation: enumOf(
    OPERATIONS,
    (found) => `"operation" must be in [${OPERATIONS.join(' ')}], got ${JSON.stringify(found)}`,
  )
    .default('add')
    .describe('percent is metric1 / metric2 * 100.'),
  scale_by: float().default(0).describe('scale: the second operand, above 0.'),
})
  .check(
    ({ type, metric2 }) =>
      type === 'calculate' &&
      metric2 === '' &&
      'missing required field "metric2" for generation type "calculate"',
  )
  .check(
    ({ type, scale_by }) =>
      type === 'scale' &&
      scale_by <= 0 &&
      'field "scale_by" required to be greater than 0 for generation type "scale"',
  )

export const schema = object({
  rules: list(rule).describe('New metrics; later rules see what earlier ones made.'),
})

export type RuleConfig = Infer<typeof rule>
