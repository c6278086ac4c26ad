import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { launch } from '../telemetry/weir.ts'

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const RESOURCE = {
  attributes: [
    attribute('service.name', 'shop'),
    attribute('service.instance.id', 'i-1'),
    attribute('host.name', 'node-7'),
  ],
}

const metricsAt = (timeUnixNano: string) => [
  {
    name: 'shop.hits',
    description: 'Of the shop',
    sum: {
      isMonotonic: true,
      aggregationTemporality: 2,
      dataPoints: [{ asDouble: 5, timeUnixNano }],
    },
  },
  {
    name: 'shop.duration',
    unit: 's',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          count: '6',
          sum: 9.5,
          bucketCounts: ['1', '2', '3'],
          explicitBounds: [0.5, 2],
          timeUnixNano,
        },
      ],
    },
  },
  {
    name: 'shop.sizes',
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          count: '8',
          sum: 20,
          scale: 0,
          zeroCount: '1',
          positive: { offset: 0, bucketCounts: ['3', '0', '0', '0', '4'] },
          timeUnixNano,
        },
      ],
    },
  },
]

/** A weir between OTLP and what writes to that Prometheus. */
async function weirTo(endpoint: string) {
  const otlp = await freePort()
  const exporter = { endpoint, external_labels: { region: 'eu' }, send_metadata: true }
  return launch(
    {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
      exporters: { prometheus_remote_write: exporter },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { metrics: { receivers: ['otlp'], exporters: ['prometheus_remote_write'] } },
      },
    },
    otlp,
  )
}

test('a real Prometheus takes what is written to it', { timeout: 30_000 }, async () => {
  const prometheus = await startPrometheus(await freePort(), '', [
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms',
  ])
  const weir = await weirTo(`${prometheus.url}/api/v1/write`)
  try {
    await weir.says('Everything is ready.')
    const metrics = metricsAt(`${Date.now()}000000`)
    const answer = await fetch(`http://127.0.0.1:${weir.otlpPort}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics }] }],
      }),
    })
    assert.equal(answer.status, 200)
    const value = async (expression: string) =>
      Number((await prometheus.query(expression))[0]?.value[1])
    const [hits] = await prometheus.query('shop_hits_total')
    assert.equal(hits?.value[1], '5')
    assert.deepEqual(hits?.metric, {
      __name__: 'shop_hits_total',
      job: 'shop',
      instance: 'i-1',
      region: 'eu',
    })
    assert.equal(await value('shop_duration_seconds_bucket{le="2"}'), 3)
    assert.equal(await value('shop_duration_seconds_sum'), 9.5)
    // 3 of (1, 2], 4 of (16, 32], 1 of zero
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
