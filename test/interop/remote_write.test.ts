import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { launchMetrics, sendMetrics, shopDuration, shopSizes } from '../support/shop_metrics.ts'

const shopHits = (timeUnixNano: string) => ({
  name: 'shop.hits',
  description: 'Of the shop',
  sum: {
    isMonotonic: true,
    aggregationTemporality: 2,
    dataPoints: [{ asDouble: 5, timeUnixNano }],
  },
})

test('a real Prometheus takes what is written to it', { timeout: 30_000 }, async () => {
  const prometheus = await startPrometheus(await freePort(), '', [
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms',
  ])
  const weir = await launchMetrics('prometheus_remote_write', {
    endpoint: `${prometheus.url}/api/v1/write`,
    external_labels: { region: 'eu' },
    send_metadata: true,
  })
  try {
    await weir.says('Everything is ready.')
    const now = `${Date.now()}000000`
    await sendMetrics(weir, [shopHits(now), shopDuration(now), shopSizes(now)])
    const value = async (expression: string) =>
      Number((await prometheus.query(expression))[0]?.value[1])
    const [hits] = await prometheus.query('shop_hits_total')
    assert.equal(hits?.value[1], '5')
    assert.deepEqual(hits?.metric, {
      __name__: 'shop_hits_total',
      job: 'web/shop',
      instance: 'i-1',
      region: 'eu',
    })
    assert.equal(await value('shop_duration_seconds_bucket{le="2"}'), 3)
    assert.equal(await value('shop_duration_seconds_sum'), 9.5)
    assert.equal(await value('histogram_count(shop_sizes)'), 8)
    assert.equal(await value('histogram_quantile(1, shop_sizes)'), 32)
    assert.equal(await value('histogram_fraction(1, 2, shop_sizes)'), 3 / 8)
    const joined = 'shop_hits_total * on (job, instance) group_left(host_name) target_info'
    assert.equal((await prometheus.query(joined))[0]?.metric['host_name'], 'node-7')
  } finally {
    const code = await weir.stop()
    await prometheus.stop()
    assert.equal(code, 0)
  }
})
