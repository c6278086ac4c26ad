import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attribute, string } from '../../pipeline/data/attributes.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric, MetricData } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { attributes } from './factory.ts'

const config = attributes.schema.parse({
  actions: [{ action: 'upsert', key: 'env', value: 'prod' }],
})
const ENV = string('env', 'prod')
const { ctx } = testContext()

/** A consumer that keeps the one batch it gets. */
function keep<R>() {
  const kept: Batch<R>[] = []
  const consume = (batch: Batch<R>) => Promise.resolve(void kept.push(batch))
  return { consume, resources: () => kept.flatMap((batch) => batch.resources()) }
}

const common = { ...point(0), count: 1, sum: 1, min: 1, max: 1, exemplars: [] }
const KINDS: MetricData[] = [
  { kind: 'gauge', points: [point(1)] },
  { kind: 'sum', points: [point(1)], temporality: 2, monotonic: true },
  {
    kind: 'histogram',
    points: [{ ...common, bucketCounts: [1], explicitBounds: [] }],
    temporality: 2,
  },
  {
    kind: 'exponential_histogram',
    points: [
      {
        ...common,
        scale: 0,
        zeroCount: 0,
        zeroThreshold: 0,
        positive: undefined,
        negative: undefined,
      },
    ],
    temporality: 2,
  },
  { kind: 'summary', points: [{ ...point(0), count: 1, sum: 1, quantiles: [] }] },
  { kind: 'empty', points: [] },
]

describe('attributes', () => {
  test('acts on spans, not on their events and the resource', async () => {
    const event = { time: [0, 0] as const, name: 'e', attributes: [], droppedAttributesCount: 0 }
    const next = keep<ReturnType<typeof resourceSpans>>()
    const given = resourceSpans([span({ attributes: [string('a', '1')], events: [event] })])
    await attributes.create.traces?.(ctx, config, next).consume(traceBatch([given]), {})
    const [resource] = next.resources()
    const one = resource?.scopeSpans[0]?.spans[0]
    assert.deepEqual(one?.attributes, [string('a', '1'), ENV])
    assert.deepEqual(one?.events, [event])
    assert.deepEqual(resource?.resource, given.resource)
  })

  test('acts on log records', async () => {
    const next = keep<ReturnType<typeof resourceLogs>>()
    const batch = logBatch([resourceLogs([logRecord('x'), logRecord('y')])])
    await attributes.create.logs?.(ctx, config, next).consume(batch, {})
    const records = next.resources()[0]?.scopeLogs[0]?.logRecords
    assert.deepEqual(
      records?.map((one) => one.attributes),
      [[ENV], [ENV]],
    )
  })

  for (const data of KINDS) {
    test(`acts on the data points of ${data.kind}`, async () => {
      const metric: Metric = { ...gauge('m', 0), data }
      const next = keep<ReturnType<typeof resourceMetrics>>()
      const batch = metricBatch([resourceMetrics([metric])])
      await attributes.create.metrics?.(ctx, config, next).consume(batch, {})
      const after = next.resources()[0]?.scopeMetrics[0]?.metrics[0]?.data
      const found: Attribute[][] = (after?.points ?? []).map(
        (one: { attributes: readonly Attribute[] }) => [...one.attributes],
      )
      assert.deepEqual(
        found,
        data.points.map(() => [ENV]),
      )
    })
  }

  test('an unknown include is said, not ignored', () => {
    assert.throws(
      () => attributes.schema.parse({ include: {}, actions: [{ action: 'delete', key: 'a' }] }),
      /has invalid keys: include/,
    )
  })
})
