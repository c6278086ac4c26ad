/**
 * Conditions in the place of `match_type: expr`, as README.md translates it: left is what the Collector 0.159 leaves of the same metrics by
 * the expression.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { filter } from './factory.ts'

const ofZone = (zone: string) => ({ ...point(1), attributes: [string('zone', zone)] })
const load = {
  ...gauge('load', 0),
  data: { kind: 'gauge', points: [ofZone('eu'), ofZone('us')] },
} as const

const rows: [expression: string, condition: string, left: string][] = [
  ['exclude MetricName == "idle"', 'metric.name == "idle"', 'load'],
  ['exclude MetricName matches "^l"', 'IsMatch(metric.name, "^l")', 'idle'],
  ['exclude HasLabel("zone")', 'HasAttrKeyOnDatapoint("zone")', 'idle'],
  ['include Label("zone") == "eu"', 'not (HasAttrOnDatapoint("zone", "eu"))', 'load'],
  [
    'include Label("zone") == "ap" || !(MetricName == "load")',
    'not (HasAttrOnDatapoint("zone", "ap") or not (metric.name == "load"))',
    'idle',
  ],
]

describe('in the place of match_type expr', () => {
  for (const [expression, condition, left] of rows) {
    test(expression, async () => {
      const config = filter.schema.parse({ metric_conditions: [condition] })
      const next = keep<MetricBatch>()
      const batch = metricBatch([resourceMetrics([load, gauge('idle', 1)])])
      await filter.create.metrics?.(testContext().ctx, config, next).consume(batch, {})
      const metrics = next.kept[0]?.resources()[0]?.scopeMetrics[0]?.metrics
      assert.deepEqual(
        metrics?.map(({ name }) => name),
        [left],
      )
    })
  }
})
