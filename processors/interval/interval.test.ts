import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric, MetricData, NumberPoint } from '../../pipeline/data/metrics.ts'
import { later, testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { interval } from './factory.ts'

const at = (seconds: number, value: number, label = ''): NumberPoint => ({
  ...point(value),
  start: [1, 0],
  time: [seconds, 0],
  attributes: label === '' ? [] : [string('l', label)],
})

const metric = (name: string, data: MetricData): Metric => ({ ...gauge(name, 0), data })
const sum = (points: readonly NumberPoint[], temporality = 2, monotonic = true) =>
  metric('s', { kind: 'sum', points, temporality, monotonic })

/** `name labels value@time` of every point. */
const shown = (batches: readonly MetricBatch[]): string[] =>
  batches.flatMap((batch) =>
    batch.resources().flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ name, data }) =>
          data.points.map((one) => {
            const labels = one.attributes.map(({ value }) => ('value' in value ? value.value : ''))
            const value =
              'count' in one ? one.count : 'value' in one.value ? one.value.value : undefined
            return [name, ...labels, `${value}@${one.start[0]}-${one.time[0]}`].join(' ')
          }),
        ),
      ),
    ),
  )

/** What goes on at once, and what after the interval. */
async function rounds(settings: object, ...given: readonly (readonly Metric[])[]) {
  const { kept, consume } = keep<MetricBatch>()
  const { ctx, count } = testContext()
  const make = () => interval.create.metrics?.(ctx, interval.schema.parse(settings), { consume })
  const processor = make()
  await processor?.start()
  for (const metrics of given) await processor?.consume(metricBatch([resourceMetrics(metrics)]), {})
  const atOnce = shown(kept.splice(0))
  await processor?.shutdown(later())
  return { atOnce, after: shown(kept), count }
}

const common = { sum: 3, min: 1, max: 2, exemplars: [] }
const histogram = (seconds: number, counts: number[], temporality: number) =>
  metric('h', {
    kind: 'histogram',
    temporality,
    points: [
      {
        ...at(seconds, 0),
        ...common,
        count: counts.reduce((a, b) => a + b, 0),
        bucketCounts: counts,
        explicitBounds: [1],
      },
    ],
  })
const exponential = (seconds: number, count: number, temporality: number) =>
  metric('e', {
    kind: 'exponential_histogram',
    temporality,
    points: [
      {
        ...at(seconds, 0),
        ...common,
        count,
        scale: 0,
        zeroCount: count,
        zeroThreshold: 0,
        positive: undefined,
        negative: undefined,
      },
    ],
  })
const summary = (seconds: number, count: number) =>
  metric('q', {
    kind: 'summary',
    points: [{ ...at(seconds, 0), count, sum: 1, quantiles: [] }],
  })
const gauges = (points: readonly NumberPoint[]) => metric('g', { kind: 'gauge', points })

describe('interval', () => {
  for (const [name, given, settings, atOnce, after] of [
    ['cumulative sums', [[sum([at(2, 5)])], [sum([at(3, 7)])]], {}, [], ['s 7@1-3']],
    ['a point that comes late', [[sum([at(3, 7)])], [sum([at(2, 5)])]], {}, [], ['s 7@1-3']],
    [
      'streams by their labels',
      [[sum([at(2, 5, 'a'), at(2, 6, 'b')])], [sum([at(3, 7, 'a')])]],
      {},
      [],
      ['s a 7@1-3', 's b 6@1-2'],
    ],
    ['deltas', [[sum([at(2, 5)], 1)], [sum([at(3, 7)], 1)]], {}, ['s 5@1-2', 's 7@1-3'], []],
    [
      'deltas and totals of one name',
      [[sum([at(2, 5)], 1)], [sum([at(3, 7)], 2)]],
      {},
      ['s 5@1-2'],
      ['s 7@1-3'],
    ],
    ['sums that may fall', [[sum([at(2, 5)], 2, false)]], {}, ['s 5@1-2'], []],
    ['sums of no temporality', [[sum([at(2, 5)], 0)]], {}, ['s 5@1-2'], []],
    ['gauges', [[gauges([at(2, 5)])], [gauges([at(3, 4)])]], {}, [], ['g 4@1-3']],
    [
      'gauges that pass',
      [[gauges([at(2, 5)])]],
      { pass_through: { gauge: true } },
      ['g 5@1-2'],
      [],
    ],
    ['summaries', [[summary(2, 5)], [summary(3, 4)]], {}, [], ['q 4@1-3']],
    [
      'summaries that pass',
      [[summary(2, 5)]],
      { pass_through: { summary: true } },
      ['q 5@1-2'],
      [],
    ],
    ['histograms', [[histogram(2, [1, 2], 2)], [histogram(3, [2, 3], 2)]], {}, [], ['h 5@1-3']],
    ['deltas of them', [[histogram(2, [1, 2], 1)]], {}, ['h 3@1-2'], []],
    ['exponential ones', [[exponential(2, 1, 2)], [exponential(3, 2, 2)]], {}, [], ['e 2@1-3']],
    ['and their deltas', [[exponential(2, 1, 1)]], {}, ['e 1@1-2'], []],
  ] as const) {
    test(name, async () => {
      const found = await rounds(settings, ...given)
      assert.deepEqual(found.atOnce, atOnce)
      assert.deepEqual(found.after, after)
    })
  }

  test('is sent when its time is up, and then forgotten', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const { kept, consume } = keep<MetricBatch>()
    const config = interval.schema.parse({ interval: '10s' })
    const processor = interval.create.metrics?.(testContext().ctx, config, { consume })
    await processor?.start()
    await processor?.consume(metricBatch([resourceMetrics([sum([at(2, 5)])])]), {})
    t.mock.timers.tick(10_000)
    await processor?.shutdown(later())
    assert.deepEqual(shown(kept), ['s 5@1-2'])
  })

  test('what is refused is counted', async () => {
    const { ctx, count } = testContext()
    const consume = () => Promise.reject(new Error('full'))
    const processor = interval.create.metrics?.(ctx, interval.schema.parse({}), { consume })
    await processor?.start()
    await processor?.consume(metricBatch([resourceMetrics([sum([at(2, 5)])])]), {})
    await processor?.shutdown(later())
    assert.equal(count('dropped_flushes'), 1)
  })

  for (const given of ['0s', '-1s']) {
    test(`${given}: refused`, () =>
      assert.throws(() => interval.schema.parse({ interval: given }), /invalid interval value/))
  }
})
