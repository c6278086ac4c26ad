import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import {
  type HistogramPoint,
  type Metric,
  type MetricData,
  NO_RECORDED_VALUE,
  type NumberPoint,
  Temporality,
} from '../../pipeline/data/metrics.ts'
import type { SampleValue } from '../../pipeline/prometheus/family.ts'
import { point, resourceMetrics } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { Registry } from './registry.ts'

const SERIES = 'x'

/** A registry with a clock, its drops by reason, and what it shows. */
function fresh(maxSeries?: number) {
  const drops: Record<string, number> = {}
  const clock = { ms: 0 }
  const config = schema.parse({ endpoint: 'localhost:1', metric_expiration: '1m' })
  const registry = new Registry(
    config,
    () => clock.ms,
    (reason, n) => {
      drops[reason] = (drops[reason] ?? 0) + n
    },
    maxSeries,
  )
  const add = (...all: Metric[]) => registry.add(resourceMetrics(all))
  const shown = () => registry.families().filter(({ name }) => name !== 'target_info')
  const values = (): SampleValue[] =>
    shown().flatMap(({ samples }) => samples.map(({ value }) => value))
  return { registry, drops, clock, add, shown, values }
}

const metric = (data: MetricData, name = SERIES): Metric => ({
  name,
  description: '',
  unit: '',
  metadata: [],
  data,
})

/** A point of a time from `from` to `to` seconds. */
const during = (from: number, to: number, value: number): NumberPoint => ({
  ...point(value),
  start: [from, 0],
  time: [to, 0],
})

const { delta, cumulative, unspecified } = Temporality
const sum = (temporality: number, ...points: NumberPoint[]): Metric =>
  metric({ kind: 'sum', monotonic: true, temporality, points })

const histogram = (temporality: number, from: number, to: number, counts: number[]): Metric => {
  const one: HistogramPoint = {
    ...during(from, to, 0),
    count: counts.reduce((a, b) => a + b),
    sum: 1,
    min: undefined,
    max: undefined,
    bucketCounts: counts,
    explicitBounds: [1],
    exemplars: [],
  }
  return metric({ kind: 'histogram', temporality, points: [one] })
}

const exponential = (scale: number, from: number, to: number): Metric => {
  const one = {
    ...during(from, to, 0),
    count: 2,
    sum: 3,
    min: undefined,
    max: undefined,
    scale,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, bucketCounts: [2] },
    negative: undefined,
    exemplars: [],
  }
  return metric({ kind: 'exponential_histogram', temporality: delta, points: [one] })
}

const gauge = (...points: NumberPoint[]) => metric({ kind: 'gauge', points })

type Case = [name: string, given: Metric[], want: number[], drops: Record<string, number>]
const cases: Case[] = [
  ['the newest value counts', [gauge(during(0, 1, 5)), gauge(during(0, 2, 6))], [6], {}],
  [
    'an older one does not',
    [gauge(during(0, 2, 6)), gauge(during(0, 1, 5))],
    [6],
    { out_of_order: 1 },
  ],
  ['deltas add up', [sum(delta, during(1, 2, 5)), sum(delta, during(2, 3, 6))], [11], {}],
  [
    'a delta after a pause starts anew',
    [sum(delta, during(1, 2, 5)), sum(delta, during(4, 5, 6))],
    [6],
    {},
  ],
  [
    'a total that fell is the total',
    [sum(cumulative, during(1, 2, 5)), sum(cumulative, during(3, 4, 2))],
    [2],
    {},
  ],
  ['no temporality', [sum(unspecified, during(1, 2, 5))], [], { no_temporality: 1 }],
  [
    'a delta that may fall',
    [metric({ kind: 'sum', monotonic: false, temporality: delta, points: [during(1, 2, 5)] })],
    [],
    { delta_not_monotonic: 1 },
  ],
  ['a metric without data', [metric({ kind: 'empty', points: [] })], [], { no_data: 1 }],
  [
    'a point without a value',
    [gauge({ ...point(1), value: { kind: 'none' } })],
    [],
    { no_data: 1 },
  ],
  [
    'a series that says that it ends',
    [gauge(during(0, 1, 5)), gauge({ ...during(0, 2, 0), flags: NO_RECORDED_VALUE })],
    [],
    {},
  ],
  [
    'histograms of deltas add up',
    [histogram(delta, 1, 2, [1, 2]), histogram(delta, 2, 3, [4, 0])],
    [7],
    {},
  ],
  [
    'a delta of a time that was there',
    [histogram(delta, 1, 5, [1, 2]), histogram(delta, 2, 6, [4, 0])],
    [3],
    { out_of_order: 1 },
  ],
  [
    'buckets that do not fit the bounds',
    [histogram(cumulative, 1, 2, [1, 2, 3])],
    [],
    { malformed_histogram: 1 },
  ],
  ['exponential deltas add up', [exponential(3, 1, 2), exponential(1, 2, 3)], [4], {}],
  ['buckets wider than Prometheus has', [exponential(-5, 1, 2)], [], { scale_too_small: 1 }],
]

describe('a registry', () => {
  for (const [name, given, want, drops] of cases) {
    test(name, () => {
      const it = fresh()
      for (const one of given) it.add(one)
      const found = it
        .values()
        .map((value) => ('value' in value ? value.value : Number(value.count)))
      assert.deepEqual([found, it.drops], [want, drops])
    })
  }

  test('a name has the type that came first, until that has gone', () => {
    const it = fresh()
    it.add(gauge(during(0, 1, 1)))
    it.add(metric({ kind: 'summary', points: [{ ...point(0), count: 1, sum: 1, quantiles: [] }] }))
    assert.deepEqual(
      it.shown().map(({ type }) => type),
      ['gauge'],
    )
    assert.deepEqual(it.drops, { type_conflict: 1 })
    it.clock.ms = 60_001
    assert.deepEqual([it.shown(), it.registry.size], [[], 0])
    it.add(metric({ kind: 'summary', points: [{ ...point(0), count: 1, sum: 1, quantiles: [] }] }))
    assert.deepEqual(
      it.shown().map(({ type }) => type),
      ['summary'],
    )
  })

  test('two sources of one series: the second is counted, not mixed in', () => {
    const it = fresh()
    const from = (host: string, value: number) =>
      it.registry.add({
        ...resourceMetrics([gauge(during(0, value, value))]),
        resource: { attributes: [string('host.name', host)], droppedAttributesCount: 0 },
      })
    from('a', 1)
    from('b', 2)
    from('a', 3)
    assert.deepEqual(it.values(), [{ kind: 'number', value: 3 }])
    assert.deepEqual(it.drops, { duplicate_series: 1 })
  })

  test('attributes whose names become one share a label', () => {
    const it = fresh()
    it.add(gauge({ ...point(1), attributes: [string('a.b', '1'), string('a_b', '2')] }))
    assert.equal(it.shown()[0]?.samples[0]?.labels.get('a_b'), '1;2')
  })

  test('what is heard of stays; a clock of its own removes the rest, unasked', () => {
    const it = fresh()
    const labelled = (name: string) => ({ ...point(1), attributes: [string('k', name)] })
    it.add(gauge(labelled('a'), labelled('b')))
    it.clock.ms = 40_000
    it.add(gauge(labelled('a')))
    it.clock.ms = 70_000
    it.add(gauge(labelled('a')))
    assert.equal(it.registry.size, 1)
  })

  test('holds no more series than it may', () => {
    const it = fresh(2)
    const labelled = (i: number) => ({ ...point(i), attributes: [string('k', String(i))] })
    it.add(gauge(...[1, 2, 3, 4].map(labelled)))
    assert.deepEqual([it.registry.size, it.drops], [2, { series_limit: 2 }])
    it.add(gauge({ ...labelled(1), time: [1_700_000_009, 0] }))
    assert.deepEqual(it.drops, { series_limit: 2 })
  })
})
