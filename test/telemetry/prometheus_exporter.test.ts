import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { launchMetrics, sendMetrics, shopDuration, shopSizes } from '../support/shop_metrics.ts'
import type { Weir } from './weir.ts'

const TIMEOUT = { timeout: 40_000 }
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** A weir that takes OTLP metrics and shows them, and what a test does with it. */
async function withWeir(options: object, run: (weir: Weir, port: number) => Promise<void>) {
  const port = await freePort()
  const weir = await launchMetrics('prometheus', { endpoint: `127.0.0.1:${port}`, ...options })
  try {
    await weir.says('Everything is ready.')
    await run(weir, port)
  } finally {
    assert.equal(await weir.stop(), 0)
  }
}

const at = (seconds: number) => `${seconds}000000000`

const hits = (asDouble: number, from: number, to: number) => ({
  name: 'shop.hits',
  sum: {
    isMonotonic: true,
    aggregationTemporality: 1,
    dataPoints: [
      {
        asDouble,
        startTimeUnixNano: at(from),
        timeUnixNano: at(to),
        attributes: [{ key: 'http.method', value: { stringValue: 'GET' } }],
        exemplars: [{ asDouble: 1, traceId: TRACE_ID, timeUnixNano: at(to) }],
      },
    ],
  },
})

describe('the prometheus exporter', () => {
  test('a real Prometheus scrapes it: deltas, histograms, target_info, exemplars', TIMEOUT, () =>
    withWeir({ enable_open_metrics: true }, async (weir, port) => {
      const prometheus = await startPrometheus(port, 'honor_labels: true, ', [
        '--enable-feature=exemplar-storage',
      ])
      try {
        const now = Math.floor(Date.now() / 1000)
        await sendMetrics(weir, [hits(5, now - 2, now - 1), shopDuration(at(3))])
        await sendMetrics(weir, [hits(6.5, now - 1, now)])
        const [total] = await prometheus.query('shop_hits_total == 11.5')
        assert.equal(total?.metric['http_method'], 'GET')
        assert.deepEqual([total?.metric['job'], total?.metric['instance']], ['web/shop', 'i-1'])
        const [low] = await prometheus.query('shop_duration_seconds_bucket{le="2.0"}')
        assert.equal(low?.value[1], '3')
        const [sum] = await prometheus.query('shop_duration_seconds_sum')
        assert.equal(sum?.value[1], '9.5')
        const joined = 'shop_hits_total * on (job, instance) group_left(host_name) target_info'
        const [host] = await prometheus.query(joined)
        assert.deepEqual([host?.metric['host_name'], host?.value[1]], ['node-7', '11.5'])
        const [exemplars] = await prometheus.until<readonly { exemplars: { labels: object }[] }[]>(
          `query_exemplars?query=shop_hits_total&start=${now - 60}&end=${now + 60}`,
          (found) => found.length > 0,
        )
        assert.deepEqual(exemplars?.exemplars[0]?.labels, { trace_id: TRACE_ID })
      } finally {
        await prometheus.stop()
      }
    }),
  )

  test('a real Prometheus takes exponential histograms as native ones', TIMEOUT, () =>
    withWeir({}, async (weir, port) => {
      await sendMetrics(weir, [shopSizes(at(3))])
      const prometheus = await startPrometheus(port, '', ['--enable-feature=native-histograms'])
      try {
        const value = async (expression: string) =>
          Number((await prometheus.query(expression))[0]?.value[1])
        assert.equal(await value('histogram_count(shop_sizes)'), 8)
        assert.equal(await value('histogram_sum(shop_sizes)'), 20)
        assert.equal(await value('histogram_quantile(1, shop_sizes)'), 32)
        assert.equal(await value('histogram_fraction(1, 2, shop_sizes)'), 3 / 8)
      } finally {
        await prometheus.stop()
      }
    }),
  )

  test('promtool finds nothing to say', TIMEOUT, () =>
    withWeir({}, async (weir, port) => {
      await sendMetrics(weir, [{ ...hits(5, 1, 2), description: 'Of the shop' }])
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text() })
      assert.deepEqual([checked.status, String(checked.stderr)], [0, ''])
    }),
  )
})
