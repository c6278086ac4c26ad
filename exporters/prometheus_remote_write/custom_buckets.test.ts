import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Metric, NO_RECORDED_VALUE, Temporality } from '../../pipeline/data/metrics.ts'
import { gauge, resourceMetrics } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { SeriesSet } from './series.ts'
import { decodeHistogram, decodeRequest } from './testing.ts'
import { requestsOf } from './write_request.ts'

function translated(
  metric: Metric,
  options: object = { convert_explicit_histograms_to_nhcb: true },
) {
  const config = schema.parse({
    endpoint: 'http://localhost:1',
    disable_scope_info: true,
    target_info: { enabled: false },
    ...options,
  })
  const set = new SeriesSet(config, (reason) => assert.fail(reason))
  set.add(resourceMetrics([metric]))
  const requests = [...requestsOf(set.series, set.metadata, config.max_batch_size_bytes)]
  const points = requests.reduce((sum, one) => sum + one.points, 0)
  return { points, ...decodeRequest(requests[0]?.body ?? Buffer.alloc(0)) }
}

const histogram = (bounds: number[], counts: number[], count: number, flags = 0): Metric => ({
  ...gauge('latency', 0),
  unit: '',
  data: {
    kind: 'histogram',
    temporality: Temporality.cumulative,
    points: [
      {
        attributes: [],
        start: [0, 0],
        time: [1_700_000_000, 0],
        exemplars: [],
        flags,
        count,
        sum: 12.5,
        min: undefined,
        max: undefined,
        bucketCounts: counts,
        explicitBounds: bounds,
      },
    ],
  },
})

const BUCKETS = histogram([0.5, 1, 2.5], [4, 0, 3, 1], 8)

describe('customBuckets', () => {
  // As pkg/translator/prometheusremotewrite v0.159.0 of the Collector wrote them.
  const native: [name: string, metric: Metric, hex: string][] = [
    [
      'buckets',
      BUCKETS,
      '0808190000000000002940206930005a0210046204080706037880d095ffbc31820118000000000000e03f000000000000f03f0000000000000440',
    ],
    [
      'a gap',
      histogram([1, 2, 3, 4, 5, 6], [2, 0, 0, 0, 0, 0, 1], 3),
      '0803190000000000002940206930005a0210015a04080a1001620204017880d095ffbc31820130000000000000f03f00000000000000400000000000000840000000000000104000000000000014400000000000001840',
    ],
    [
      'a count above that of its buckets',
      histogram([1, 2], [1, 2, 0], 7),
      '0807190000000000002940206930005a02100362030202047880d095ffbc31820110000000000000f03f0000000000000040',
    ],
    [
      'no bounds',
      histogram([], [], 9),
      '0809190000000000002940206930005a0210016201127880d095ffbc31',
    ],
    [
      'nothing counted',
      histogram([1, 2], [0, 0, 0], 0),
      '0800190000000000002940206930007880d095ffbc31820110000000000000f03f0000000000000040',
    ],
  ]
  for (const [name, metric, hex] of native) {
    test(`makes a native histogram of one with ${name}`, () => {
      const { lines, points } = translated(metric)
      assert.equal(lines.length, 1)
      const [, written = ''] =
        /^__name__=latency job=shop \| histogram (\w+)$/.exec(lines[0] ?? '') ?? []
      assert.deepEqual(decodeHistogram(written), decodeHistogram(hex))
      assert.equal(points, 1)
    })
  }

  test('does not say a bound of +Inf twice', () => {
    const infinite = histogram([1, Number.POSITIVE_INFINITY], [1, 2, 0], 3)
    assert.deepEqual(translated(infinite), translated(histogram([1], [1, 2], 3)))
  })

  test('the series of the histogram stay beside it if they shall', () => {
    const { names, points } = translated(BUCKETS, {
      convert_explicit_histograms_to_nhcb: true,
      keep_classic_histograms: true,
    })
    const series = [...Array(4).fill('latency_bucket'), 'latency_sum', 'latency_count']
    assert.deepEqual(names, ['latency', ...series])
    assert.equal(points, 1)
    assert.deepEqual(translated(BUCKETS, { keep_classic_histograms: true }).names, series)
  })

  test('ends as other series do', () => {
    const { lines } = translated(histogram([1], [1, 1], 2, NO_RECORDED_VALUE))
    assert.deepEqual(lines, ['__name__=latency job=shop | sample stale @1700000000000'])
  })
})
