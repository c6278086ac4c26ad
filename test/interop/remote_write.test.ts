import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
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

/** Debian 12's Prometheus knows 1.0 only: of 2.0 it reads an empty request, and says that all is well. Newer ones know both. */
const ROWS: [name: string, region: string, exporter: object][] = [
  ['1.0', 'eu', {}],
  ['2.0', 'us', { protobuf_message: 'io.prometheus.write.v2.Request' }],
]

describe('a real Prometheus', { timeout: 60_000 }, () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  before(async () => {
    prometheus = await startPrometheus(await freePort(), '', [
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms',
    ])
  })
  after(() => prometheus.stop())

  for (const [name, region, exporter] of ROWS) {
    test(`takes what is written to it when ${name} is asked for`, async () => {
      const weir = await launchMetrics('prometheus_remote_write', {
        endpoint: `${prometheus.url}/api/v1/write`,
        external_labels: { region },
        send_metadata: true,
        ...exporter,
      })
      try {
        await weir.says('Everything is ready.')
        const now = `${Date.now()}000000`
        await sendMetrics(weir, [shopHits(now), shopDuration(now), shopSizes(now)])
        const of = `{region="${region}"}`
        const value = async (expression: string) =>
          Number((await prometheus.query(expression))[0]?.value[1])
        const [hits] = await prometheus.query(`shop_hits_total${of}`)
        assert.equal(hits?.value[1], '5')
        assert.deepEqual(hits?.metric, {
          __name__: 'shop_hits_total',
          job: 'web/shop',
          instance: 'i-1',
          region,
        })
        assert.equal(await value(`shop_duration_seconds_bucket{le="2",region="${region}"}`), 3)
        assert.equal(await value(`shop_duration_seconds_sum${of}`), 9.5)
        assert.equal(await value(`histogram_count(shop_sizes${of})`), 8)
        assert.equal(await value(`histogram_quantile(1, shop_sizes${of})`), 32)
        assert.equal(await value(`histogram_fraction(1, 2, shop_sizes${of})`), 3 / 8)
        const joined = `shop_hits_total${of} * on (job, instance) group_left(host_name) target_info${of}`
        assert.equal((await prometheus.query(joined))[0]?.metric['host_name'], 'node-7')
        const isOld = weir.lines.some((line) => line.includes('it gets 1.0 now'))
        assert.ok(name === '2.0' || !isOld)
      } finally {
        assert.equal(await weir.stop(), 0)
      }
    })
  }
})
