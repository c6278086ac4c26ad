import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric, MetricData, NumberPoint } from '../../pipeline/data/metrics.ts'
import { testContext } from '../../test/support/context.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { cumulativeToDelta } from './factory.ts'

const at = (seconds: number, value: number, more: Partial<NumberPoint> = {}): NumberPoint => ({
  ...point(value),
  time: [seconds, 0],
  ...more,
})

const metric = (data: MetricData, name = 'requests'): Metric => ({ ...gauge(name, 0), data })
const sum = (...points: readonly NumberPoint[]): Metric =>
  metric({ kind: 'sum', points, temporality: 2, monotonic: true })

/** Values of all points that come out, batch by batch, with the seconds from which they count. */
async function converted(settings: object, ...metrics: readonly Metric[]) {
  let clock = 0
  const { ctx, count } = testContext('c2d', () => clock)
  const out: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void out.push(batch)) }
  const config = cumulativeToDelta.schema.parse(settings)
  const processor = cumulativeToDelta.create.metrics?.(ctx, config, next)
  const all: unknown[] = []
  for (const one of metrics) {
    await processor?.consume(metricBatch([resourceMetrics([one])]), {})
    clock += 1000
    const made = out
      .splice(0)
      .flatMap((batch) => batch.resources())
      .flatMap((data) => data.scopeMetrics[0]?.metrics ?? [])
    all.push(made.flatMap(({ data }) => data.points.map(shown)))
  }
  return { all, count }
}

function shown(one: MetricData['points'][number]): unknown {
  if ('bucketCounts' in one) return [one.start[0], one.count, one.sum, one.bucketCounts]
  if ('scale' in one) return [one.start[0], one.count, one.positive?.bucketCounts]
  return [one.start[0], 'value' in one && 'value' in one.value ? one.value.value : undefined]
}

const histogram = (seconds: number, total: number, counts: readonly number[]): Metric =>
  metric({
    kind: 'histogram',
    temporality: 2,
    points: [
      {
        attributes: [],
        start: [1, 0],
        time: [seconds, 0],
        flags: 0,
        count: total,
        sum: total * 2,
        min: 0,
        max: 9,
        exemplars: [],
        bucketCounts: counts,
        explicitBounds: [5],
      },
    ],
  })

const exponential = (
  seconds: number,
  total: number,
  offset: number,
  counts: readonly number[],
): Metric =>
  metric({
    kind: 'exponential_histogram',
    temporality: 2,
    points: [
      {
        attributes: [],
        start: [1, 0],
        time: [seconds, 0],
        flags: 0,
        count: total,
        sum: 1,
        min: 0,
        max: 9,
        exemplars: [],
        scale: 0,
        zeroCount: 0,
        zeroThreshold: 0,
        positive: { offset, bucketCounts: counts },
        negative: undefined,
      },
    ],
  })

describe('cumulative_to_delta', () => {
  const cases: [name: string, settings: object, metrics: Metric[], want: unknown[]][] = [
    [
      'differences, the first is dropped',
      {},
      [sum(at(10, 5)), sum(at(20, 7)), sum(at(30, 12))],
      [[], [[10, 2]], [[20, 5]]],
    ],
    [
      'the first is kept',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(20, 7))],
      [[[0, 5]], [[10, 2]]],
    ],
    [
      'the first of what began after weir is kept',
      {},
      [sum(at(4e9 + 9, 5, { start: [4e9, 0] }))],
      [[[4e9, 5]]],
    ],
    [
      'a counter that begins anew',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(20, 2)), sum(at(30, 6))],
      [[[0, 5]], [], [[20, 4]]],
    ],
    [
      'a counter that says since when it counts anew',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(20, 7, { start: [15, 0] })), sum(at(30, 9, { start: [15, 0] }))],
      [[[0, 5]], [[0, 7]], [[20, 2]]],
    ],
    [
      'NaN, by which some say that a stream has ended',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(20, 0, { value: { kind: 'double', value: Number.NaN } }))],
      [[[0, 5]], []],
    ],
    [
      'streams are told apart by their attributes',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(20, 7, { attributes: [string('a', 'b')] }))],
      [[[0, 5]], [[0, 7]]],
    ],
    [
      'a point that comes late',
      { initial_value: 'keep' },
      [sum(at(10, 5)), sum(at(9, 4)), sum(at(20, 6))],
      [[[0, 5]], [], [[10, 1]]],
    ],
    [
      'a stream that was silent for too long',
      { initial_value: 'keep', max_staleness: '1500ms' },
      [sum(at(10, 5)), metric({ kind: 'gauge', points: [] }, 'other'), sum(at(20, 6))],
      [[[0, 5]], [], [[0, 6]]],
    ],
    [
      'histograms',
      { initial_value: 'keep' },
      [histogram(10, 3, [1, 2]), histogram(20, 7, [2, 5])],
      [[[0, 3, 6, [1, 2]]], [[10, 4, 8, [1, 3]]]],
    ],
    [
      'a histogram that begins anew',
      { initial_value: 'drop' },
      [histogram(10, 3, [1, 2]), histogram(20, 2, [2, 0]), histogram(30, 3, [3, 0])],
      [[], [], [[20, 1, 2, [1, 0]]]],
    ],
    [
      'exponential histograms',
      { initial_value: 'drop' },
      [exponential(10, 3, 1, [1, 2]), exponential(20, 7, 0, [1, 2, 4])],
      [[], [[10, 4, [1, 1, 2]]]],
    ],
    ['gauges stay', {}, [metric({ kind: 'gauge', points: [at(10, 5)] })], [[[0, 5]]]],
    [
      'sums that go down stay',
      {},
      [metric({ kind: 'sum', points: [at(10, 5)], temporality: 2, monotonic: false })],
      [[[0, 5]]],
    ],
    [
      'deltas stay',
      {},
      [metric({ kind: 'sum', points: [at(10, 5)], temporality: 1, monotonic: true })],
      [[[0, 5]]],
    ],
    [
      'only what is included',
      { include: { match_type: 'strict', metrics: ['other'] } },
      [sum(at(10, 5))],
      [[[0, 5]]],
    ],
    [
      'not what is excluded',
      { exclude: { match_type: 'regexp', metrics: ['^req'] } },
      [sum(at(10, 5))],
      [[[0, 5]]],
    ],
    ['by type', { include: { metric_types: ['Histogram'] } }, [sum(at(10, 5))], [[[0, 5]]]],
  ]
  for (const [name, settings, metrics, want] of cases) {
    test(name, async () => assert.deepEqual((await converted(settings, ...metrics)).all, want))
  }

  test('counts what it drops', async () => {
    const { count } = await converted(
      {},
      sum(at(10, 5)),
      sum(at(9, 5)),
      sum(at(20, 1, { flags: 1 })),
    )
    assert.deepEqual(
      ['first_value', 'late', 'no_value'].map((one) => count(`dropped_${one}`)),
      [1, 1, 1],
    )
  })

  const refused: [name: string, settings: object, want: RegExp][] = [
    [
      'nothing to match',
      { include: { match_type: 'strict' } },
      /metrics or metric_types must be supplied/,
    ],
    [
      'a type',
      { include: { metric_types: ['gauge'] } },
      /found invalid metric type in include.metric_types: gauge/,
    ],
    [
      'an expression',
      { exclude: { match_type: 'regexp', metrics: ['('] } },
      /is no regular expression/,
    ],
    ['a first value', { initial_value: 'maybe' }, /unknown value "maybe"/],
  ]
  for (const [name, settings, want] of refused) {
    test(`${name}: refused`, () =>
      assert.throws(() => cumulativeToDelta.schema.parse(settings), want))
  }
})
