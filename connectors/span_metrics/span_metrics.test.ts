import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import { later, testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { spanMetrics } from './factory.ts'

const took = (ms: number, more: Partial<Span> = {}) =>
  span({ start: [100, 0], end: [100, ms * 1e6], attributes: [], ...more })

/** What is sent at the ends of rounds of spans; the clock goes on by a second before each end. */
async function rounds(settings: object, ...given: readonly (readonly ResourceSpans[])[]) {
  let clock = 0
  const { ctx, count } = testContext('span_metrics', () => clock)
  const config = spanMetrics.schema.parse({
    exclude_dimensions: ['collector.instance.id'],
    ...settings,
  })
  const sent: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void sent.push(batch)) }
  const flushed: (readonly Metric[])[] = []
  const make = () => spanMetrics.create['traces->metrics']?.(ctx, config, next)
  const connector = make()
  for (const resources of given) {
    await connector?.consume(traceBatch(resources), {})
    clock += 1000
    await connector?.start()
    await connector?.shutdown(later())
    const metrics = sent.splice(0).flatMap((batch) => batch.resources())
    flushed.push(metrics.flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics)))
  }
  return { flushed, count, last: flushed.at(-1) ?? [] }
}

const shown = (attributes: Attributes): string =>
  attributes.map(({ value }) => ('value' in value ? String(value.value) : '')).join(' ')

/** `labels: value` of the points of a metric. */
function points(metrics: readonly Metric[], name: string): string[] {
  const data = metrics.find((one) => one.name === name)?.data
  if (data?.kind === 'sum') {
    return data.points.map(
      (one) => `${shown(one.attributes)}: ${'value' in one.value ? one.value.value : ''}`,
    )
  }
  if (data?.kind === 'histogram') {
    return data.points.map(
      (one) => `${shown(one.attributes)}: ${one.count} ${one.sum} [${one.bucketCounts}]`,
    )
  }
  return []
}

const CALLS = 'traces.span.metrics.calls'
const DURATION = 'traces.span.metrics.duration'
const SERVER = 'shop GET /items SPAN_KIND_SERVER STATUS_CODE_UNSET'

describe('span_metrics', () => {
  test('counts and durations by the four labels', async () => {
    const histogram = { explicit: { buckets: ['5ms', '10ms'] } }
    const error = took(20, { status: { code: 2, message: '' } })
    const { last } = await rounds({ histogram }, [resourceSpans([took(5), took(7), error])])
    assert.deepEqual(points(last, CALLS), [
      `${SERVER}: 2`,
      `${SERVER.replace('UNSET', 'ERROR')}: 1`,
    ])
    assert.deepEqual(points(last, DURATION), [
      `${SERVER}: 2 12 [1,1,0]`,
      `${SERVER.replace('UNSET', 'ERROR')}: 1 20 [0,0,1]`,
    ])
    assert.equal(last.find((one) => one.name === DURATION)?.unit, 'ms')
  })

  test('seconds', async () => {
    const { last } = await rounds({ histogram: { unit: 's' } }, [resourceSpans([took(1500)])])
    const data = last.find((one) => one.name === DURATION)?.data
    assert.equal(data?.kind === 'histogram' && data.points[0]?.sum, 1.5)
    assert.equal(data?.kind === 'histogram' && data.points[0]?.explicitBounds[0], 0.002)
  })

  test('labels of the span, of its resource, and by default', async () => {
    const dimensions = [
      { name: 'method' },
      { name: 'service.name2', default: 'none' },
      { name: 'absent' },
    ]
    const given = [resourceSpans([took(1, { attributes: [string('method', 'GET')] })])]
    const { last } = await rounds({ dimensions, namespace: '' }, given)
    assert.deepEqual(points(last, 'calls'), [`${SERVER} GET none: 1`])
  })

  test('labels by a pattern', async () => {
    const attributes = [string('http.a', '1'), string('other', '2'), string('http.b', '3')]
    const { last } = await rounds({ dimensions: [{ glob: 'http.*' }] }, [
      resourceSpans([took(1, { attributes })]),
    ])
    assert.deepEqual(points(last, CALLS), [`${SERVER} 1 3: 1`])
  })

  test('labels of one metric alone, and labels that are left out', async () => {
    const settings = {
      calls_dimensions: [{ name: 'm' }],
      exclude_dimensions: ['span.name', 'span.kind', 'status.code', 'collector.instance.id'],
    }
    const { last } = await rounds(settings, [
      resourceSpans([took(1, { attributes: [string('m', 'x')] })]),
    ])
    assert.deepEqual(points(last, CALLS), ['shop x: 1'])
    assert.match(points(last, DURATION)[0] ?? '', /^shop: 1 /)
  })

  test('the instance of the collector', async () => {
    const { last } = await rounds({ exclude_dimensions: [] }, [resourceSpans([took(1)])])
    assert.match(points(last, CALLS)[0] ?? '', /STATUS_CODE_UNSET [0-9a-f-]{36}: 1$/)
  })

  test('cumulative counts go on, deltas begin anew', async () => {
    const given = [[resourceSpans([took(1)])], [resourceSpans([took(1)])]]
    const cumulative = await rounds({}, ...given)
    assert.deepEqual(points(cumulative.last, CALLS), [`${SERVER}: 2`])
    const delta = await rounds(
      { aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA' },
      ...given,
    )
    assert.deepEqual(
      delta.flushed.map((one) => points(one, CALLS)),
      [[`${SERVER}: 1`], [`${SERVER}: 1`]],
    )
  })

  test('what is beyond the limit shares one series', async () => {
    const spans = ['a', 'b', 'c', 'd'].map((name) => took(1, { name }))
    const { last } = await rounds({ aggregation_cardinality_limit: 2 }, [resourceSpans(spans)])
    const labels = 'SPAN_KIND_SERVER STATUS_CODE_UNSET'
    assert.deepEqual(points(last, CALLS), [`shop a ${labels}: 1`, `shop b ${labels}: 1`, 'true: 2'])
    const overflow = last[0]?.data.points.at(-1)
    assert.equal(overflow?.attributes[0]?.key, 'otel.metric.overflow')
  })

  test('resources are bounded, the one longest without spans goes', async () => {
    const { last, count } = await rounds({ resource_metrics_cache_size: 1 }, [
      resourceSpans([took(1)]),
      resourceSpans([took(1)], 'cart'),
    ])
    assert.deepEqual(points(last, CALLS), [`${SERVER.replace('shop', 'cart')}: 1`])
    assert.equal(count('dropped_resources'), 1)
  })

  for (const [name, settings] of [
    ['resources', { metrics_expiration: '1500ms' }],
    ['series', { series_expiration: '1500ms' }],
  ] as const) {
    test(`${name} expire`, async () => {
      const other = [
        resourceSpans([took(1, { name: 'other' })], name === 'series' ? 'shop' : 'cart'),
      ]
      const { flushed } = await rounds(settings, [resourceSpans([took(1)])], other, other)
      const mine = flushed.map(
        (metrics) =>
          metrics.flatMap((one) => points([one], CALLS)).filter((one) => one.startsWith(SERVER))
            .length,
      )
      assert.deepEqual(mine, [1, 1, 0])
    })
  }

  test('a sampled span counts for those that were left out', async () => {
    const { last } = await rounds({}, [
      resourceSpans([took(4, { traceState: 'ot=th:c' }), took(4)]),
    ])
    assert.deepEqual(points(last, CALLS), [`${SERVER}: 5`])
    assert.match(points(last, DURATION)[0] ?? '', /: 5 20 /)
  })

  test('the way of counting as a label', async () => {
    const { last } = await rounds({ enable_metrics_sampling_method: true }, [
      resourceSpans([took(1, { traceState: 'ot=th:8' }), took(1)]),
    ])
    assert.deepEqual(points(last, CALLS), [`${SERVER} extrapolated: 2`, `${SERVER} counted: 1`])
  })

  test('exponential histograms', async () => {
    const settings = { histogram: { exponential: { max_size: 4 } } }
    const { last } = await rounds(settings, [resourceSpans([took(0), took(1), took(2), took(16)])])
    const data = last.find((one) => one.name === DURATION)?.data
    assert(data?.kind === 'exponential_histogram')
    const [point] = data.points
    assert.equal(point?.scale, -1)
    assert.deepEqual(
      [point?.count, point?.sum, point?.zeroCount, point?.min, point?.max],
      [4, 19, 1, 0, 16],
    )
    assert.deepEqual(point?.positive, { offset: -1, bucketCounts: [1, 1, 1] })
  })

  test('exemplars, at most so many', async () => {
    const settings = { exemplars: { enabled: true, max_per_data_point: 2 } }
    const { last } = await rounds(settings, [resourceSpans([took(1), took(2), took(3)])])
    const data = last.find((one) => one.name === DURATION)?.data
    const exemplars = data?.kind === 'histogram' ? data.points[0]?.exemplars : []
    assert.deepEqual(
      exemplars?.map((one) => one.value),
      [
        { kind: 'double', value: 1 },
        { kind: 'double', value: 2 },
      ],
    )
    assert.equal(exemplars?.[0]?.traceId, span().traceId)
  })

  test('events', async () => {
    const event = {
      time: [1, 0] as const,
      name: 'exception',
      attributes: [string('exception.type', 'E')],
      droppedAttributesCount: 0,
    }
    const settings = { events: { enabled: true, dimensions: [{ name: 'exception.type' }] } }
    const { last } = await rounds(settings, [resourceSpans([took(1, { events: [event, event] })])])
    assert.deepEqual(points(last, 'traces.span.metrics.events'), [`${SERVER} E: 2`])
  })

  test('no durations', async () => {
    const { last } = await rounds({ histogram: { disable: true } }, [resourceSpans([took(1)])])
    assert.deepEqual(
      last.map((one) => one.name),
      [CALLS],
    )
  })

  const refused: [name: string, settings: object, want: RegExp][] = [
    [
      'both histograms',
      { histogram: { explicit: {}, exponential: {} } },
      /use either `explicit` or `exponential` buckets histogram/,
    ],
    [
      'a label twice',
      { dimensions: [{ name: 'a' }, { name: 'a' }] },
      /duplicate dimension name "a"/,
    ],
    [
      'a label that is there',
      { dimensions: [{ name: 'span.kind' }] },
      /duplicate dimension name "span.kind"/,
    ],
    ['events without labels', { events: { enabled: true } }, /no dimensions configured for events/],
    ['an interval of 0', { metrics_flush_interval: '0s' }, /allowed is 1ms or more/],
    ['a temporality', { aggregation_temporality: 'DELTA' }, /unknown value "DELTA"/],
  ]
  for (const [name, settings, want] of refused) {
    test(`${name}: refused`, () => assert.throws(() => spanMetrics.schema.parse(settings), want))
  }
})
