import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { metricsGeneration } from './factory.ts'

const metric = (name: string, ...values: readonly number[]): Metric => ({
  ...gauge(name, 0),
  data: { kind: 'gauge', points: values.map(point) },
})

const USED = metric('used', 30, 60)
const LIMIT = metric('limit', 120)
const rule = (more: object) => ({
  name: 'new',
  type: 'calculate',
  metric1: 'used',
  metric2: 'limit',
  ...more,
})

async function made(rules: readonly object[], ...metrics: readonly Metric[]) {
  const { ctx, count } = testContext()
  const out: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void out.push(batch)) }
  const config = metricsGeneration.schema.parse({ rules })
  const batch = metricBatch([resourceMetrics(metrics)])
  await metricsGeneration.create.metrics?.(ctx, config, next).consume(batch, {})
  const all = out[0]?.resources()[0]?.scopeMetrics[0]?.metrics ?? []
  const found = all.slice(metrics.length).map(({ name, unit, data }) => {
    assert(data.kind === 'gauge')
    return [
      name,
      unit,
      ...data.points.map(({ value }) => ('value' in value ? value.value : undefined)),
    ]
  })
  return { found, count, same: out[0] === batch }
}

describe('metrics_generation', () => {
  const cases: [name: string, rules: object[], want: unknown[]][] = [
    ['add', [rule({ operation: 'add' })], [['new', '', 150, 180]]],
    ['subtract', [rule({ operation: 'subtract' })], [['new', '', -90, -60]]],
    ['multiply', [rule({ operation: 'multiply' })], [['new', '', 3600, 7200]]],
    ['divide', [rule({ operation: 'divide' })], [['new', '', 0.25, 0.5]]],
    ['percent, with a unit', [rule({ operation: 'percent', unit: '%' })], [['new', '%', 25, 50]]],
    [
      'scale',
      [rule({ type: 'scale', operation: 'multiply', scale_by: 2, metric2: '' })],
      [['new', '', 60, 120]],
    ],
    [
      'a rule on what a rule made',
      [
        rule({ operation: 'percent' }),
        rule({ name: 'share', metric1: 'new', type: 'scale', operation: 'divide', scale_by: 100 }),
      ],
      [
        ['new', '', 25, 50],
        ['share', '', 0.25, 0.5],
      ],
    ],
  ]
  for (const [name, rules, want] of cases) {
    test(name, async () => assert.deepEqual((await made(rules, USED, LIMIT)).found, want))
  }

  test('without the second metric nothing changes', async () => {
    assert.equal((await made([rule({})], USED)).same, true)
  })

  test('a division by 0 gives no point, and is counted', async () => {
    const { found, count } = await made([rule({ operation: 'divide' })], USED, metric('limit', 0))
    assert.deepEqual(found, [])
    assert.equal(count('skipped_division_by_zero'), 2)
  })

  const refused: [name: string, rules: object[], want: RegExp][] = [
    [
      'no second metric',
      [rule({ metric2: '' })],
      /missing required field "metric2" for generation type "calculate"/,
    ],
    ['no factor', [rule({ type: 'scale' })], /field "scale_by" required to be greater than 0/],
    ['an operation', [rule({ operation: 'modulo' })], /"operation" must be in \[add subtract/],
  ]
  for (const [name, rules, want] of refused) {
    test(`${name}: refused`, () =>
      assert.throws(() => metricsGeneration.schema.parse({ rules }), want))
  }
})
