import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric, NumberPoint } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { deltaToCumulative } from './factory.ts'

const sum = (seconds: number, value: number, more: Partial<NumberPoint> = {}): Metric => ({
  ...gauge('requests', 0),
  data: {
    kind: 'sum',
    points: [{ ...point(value), start: [seconds - 10, 0], time: [seconds, 0], ...more }],
    temporality: 1,
    monotonic: true,
  },
})

const histogram = (seconds: number, counts: readonly number[]): Metric => ({
  ...gauge('duration', 0),
  data: {
    kind: 'histogram',
    temporality: 1,
    points: [
      {
        attributes: [],
        start: [seconds - 10, 0],
        time: [seconds, 0],
        flags: 0,
        count: 2,
        sum: 3,
        min: 1,
        max: seconds,
        exemplars: [],
        bucketCounts: counts,
        explicitBounds: [5],
      },
    ],
  },
})

async function converted(settings: object, ...metrics: readonly Metric[]) {
  let clock = 0
  const { ctx, count } = testContext('d2c', () => clock)
  const out: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void out.push(batch)) }
  const processor = deltaToCumulative.create.metrics?.(
    ctx,
    deltaToCumulative.schema.parse(settings),
    next,
  )
  for (const one of metrics) {
    await processor?.consume(metricBatch([resourceMetrics([one])]), {})
    clock += 1000
  }
  const made = out
    .flatMap((batch) => batch.resources())
    .flatMap((data) => data.scopeMetrics[0]?.metrics ?? [])
  return { count, data: made.map((one) => one.data) }
}

const totals = async (settings: object, ...metrics: readonly Metric[]) =>
  (await converted(settings, ...metrics)).data.map((data) => {
    assert(data.kind === 'sum' && data.temporality === 2)
    const [one] = data.points
    return [one?.start[0], one && 'value' in one.value ? one.value.value : undefined]
  })

describe('delta_to_cumulative', () => {
  test('sums', async () => {
    assert.deepEqual(await totals({}, sum(10, 1), sum(20, 2), sum(30, 3)), [
      [0, 1],
      [0, 3],
      [0, 6],
    ])
  })

  test('streams are told apart by their attributes', async () => {
    assert.deepEqual(await totals({}, sum(10, 1), sum(20, 2, { attributes: [string('a', 'b')] })), [
      [0, 1],
      [10, 2],
    ])
  })

  test('a stream that was silent for too long begins anew', async () => {
    assert.deepEqual(await totals({ max_stale: '500ms' }, sum(10, 1), sum(20, 2)), [
      [0, 1],
      [10, 2],
    ])
  })

  test('histograms', async () => {
    const { data } = await converted({}, histogram(10, [1, 1]), histogram(20, [2, 0]))
    const last = data.at(-1)
    assert(last?.kind === 'histogram')
    const [one] = last.points
    assert.deepEqual(
      [one?.count, one?.sum, one?.min, one?.max, one?.bucketCounts],
      [4, 6, 1, 20, [3, 1]],
    )
  })

  test('late points and streams beyond the limit are dropped, and counted', async () => {
    const { count, data } = await converted(
      { max_streams: 1 },
      sum(10, 1),
      sum(10, 1),
      histogram(10, [1, 1]),
    )
    assert.equal(data.length, 1)
    assert.deepEqual([count('dropped_late'), count('dropped_too_many_streams')], [1, 1])
  })

  test('what is no delta stays', async () => {
    const { data } = await converted({}, gauge('load', 1))
    assert.equal(data[0]?.kind, 'gauge')
  })

  test('no streams at all: refused', () => {
    assert.throws(() => deltaToCumulative.schema.parse({ max_streams: 0 }), /allowed is 1 or more/)
  })
})
