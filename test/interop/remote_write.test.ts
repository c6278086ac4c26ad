import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../../scripts/test_parts.ts'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import {
  launchMetrics,
  sendMetrics,
  shopDuration,
  shopSizes,
  TRACE,
} from '../support/shop_metrics.ts'

const STARTED_S = 60
const V2 = { protobuf_message: 'io.prometheus.write.v2.Request' }

const nanoseconds = (ms: number) => `${ms}000000`

/** A counter that began a minute before. */
const shopHits = (nowMs: number, value = 5) => ({
  name: 'shop.hits',
  unit: 'By',
  description: 'Of the shop',
  sum: {
    isMonotonic: true,
    aggregationTemporality: 2,
    dataPoints: [
      {
        asDouble: value,
        startTimeUnixNano: nanoseconds(nowMs - STARTED_S * 1000),
        timeUnixNano: nanoseconds(nowMs),
        exemplars: [{ timeUnixNano: nanoseconds(nowMs), asDouble: 2, traceId: TRACE }],
      },
    ],
  },
})

interface Receiver {
  readonly name: string
  readonly knowsV2: boolean
  readonly features: string
  readonly bring: () => Promise<string>
}

/** Debian 12's Prometheus knows 1.0 only: of 2.0 it reads an empty request, and says that all is well. */
const DEBIAN: Receiver = {
  name: "Debian's",
  knowsV2: false,
  features: 'native-histograms,exemplar-storage',
  bring: async () => 'prometheus',
}
/** Takes a few minutes to build. */
const NEWEST: Receiver = {
  name: '3',
  knowsV2: true,
  features: 'exemplar-storage,created-timestamp-zero-ingestion,type-and-unit-labels',
  bring: async () => {
    const module = await import(pathToFileURL(`${ROOT}scripts/setup/prometheus.mjs`).href)
    return (module as { bringPrometheus: () => string }).bringPrometheus()
  },
}

for (const receiver of full ? [DEBIAN, NEWEST] : [DEBIAN]) {
  describe(`Prometheus ${receiver.name}`, { timeout: full ? 900_000 : 60_000 }, () => {
    let prometheus: Awaited<ReturnType<typeof startPrometheus>>
    const start = async (port?: number) =>
      startPrometheus(
        await freePort(),
        '',
        ['--web.enable-remote-write-receiver', `--enable-feature=${receiver.features}`],
        { binary: await receiver.bring(), ...(port === undefined ? {} : { port }) },
      )
    before(async () => {
      prometheus = await start()
    })
    after(() => prometheus.stop())
    const value = async (expression: string) =>
      Number((await prometheus.query(expression))[0]?.value[1])

    for (const [version, region, exporter] of [
      ['1.0', 'eu', {}],
      ['2.0', 'us', V2],
    ] as const) {
      test(`takes what is written to it when ${version} is asked for`, async () => {
        const weir = await launchMetrics('prometheus_remote_write', {
          endpoint: `${prometheus.url}/api/v1/write`,
          external_labels: { region },
          send_metadata: true,
          ...exporter,
        })
        try {
          await weir.says('Everything is ready.')
          const nowMs = Date.now()
          const now = nanoseconds(nowMs)
          await sendMetrics(weir, [shopHits(nowMs), shopDuration(now), shopSizes(now)])
          const of = `{region="${region}"}`
          const isV2 = version === '2.0' && receiver.knowsV2
          const [hits] = await prometheus.query(`shop_hits_bytes_total${of}`)
          assert.equal(hits?.value[1], '5')
          assert.deepEqual(hits?.metric, {
            __name__: 'shop_hits_bytes_total',
            job: 'web/shop',
            instance: 'i-1',
            region,
            // Metadata goes with each series in 2.0 alone.
            ...(isV2 ? { __type__: 'counter', __unit__: 'bytes' } : {}),
          })
          assert.equal(await value(`shop_duration_seconds_bucket{le="2",region="${region}"}`), 3)
          assert.equal(await value(`shop_duration_seconds_sum${of}`), 9.5)
          assert.equal(await value(`histogram_count(shop_sizes${of})`), 8)
          assert.equal(await value(`histogram_quantile(1, shop_sizes${of})`), 32)
          assert.equal(await value(`histogram_fraction(1, 2, shop_sizes${of})`), 3 / 8)
          const joined = `shop_hits_bytes_total${of} * on (job, instance) group_left(host_name) target_info${of}`
          assert.equal((await prometheus.query(joined))[0]?.metric['host_name'], 'node-7')
          const seen = `count_over_time(shop_hits_bytes_total${of}[5m])`
          assert.equal(await value(seen), isV2 ? 2 : 1, 'where counting began, and the point')
          for (const [name, exemplar] of [
            ['shop_hits_bytes_total', '2'],
            // By 1.0 it takes none with the first sample of a native histogram.
            ...(isV2 ? [['shop_sizes', '20']] : []),
          ]) {
            const path = `query_exemplars?query=${name}${of}&start=${nowMs / 1000 - 60}&end=${nowMs / 1000 + 60}`
            const [first] = await prometheus.until<readonly { exemplars: readonly object[] }[]>(
              path,
              (found) => found.length > 0,
            )
            assert.deepEqual(first?.exemplars, [
              { labels: { trace_id: TRACE }, value: exemplar, timestamp: nowMs / 1000 },
            ])
          }
          const isOld = weir.lines.some((line) => line.includes('it gets 1.0 now'))
          assert.equal(isOld, version === '2.0' && !receiver.knowsV2)
        } finally {
          assert.equal(await weir.stop(), 0)
        }
      })

      test(`gets by ${version} all that was written to disk while it was away and weir was killed`, async () => {
        const port = await freePort()
        const directory = mkdtempSync(join(tmpdir(), 'weir-wal-'))
        const settings = {
          endpoint: `http://127.0.0.1:${port}/api/v1/write`,
          wal: { directory },
          retry_on_failure: { max_interval: '100ms' },
          ...exporter,
        }
        const nowMs = Date.now()
        const first = await launchMetrics('prometheus_remote_write', settings)
        await first.says('Everything is ready.')
        for (const n of [1, 2, 3]) await sendMetrics(first, [shopHits(nowMs - 4000 + n * 1000, n)])
        first.process.kill('SIGKILL')
        await first.stop()
        const second = await launchMetrics('prometheus_remote_write', settings)
        await second.says('Everything is ready.')
        await sendMetrics(second, [shopHits(nowMs, 4)])
        const late = await start(port)
        try {
          const isThere = 'last_over_time(shop_hits_bytes_total[1m]) == 4'
          assert.equal((await late.query(isThere))[0]?.value[1], '4')
          const points = `shop_hits_bytes_total[${STARTED_S / 2}s]`
          assert.equal((await late.query(`count_over_time(${points})`))[0]?.value[1], '4')
          assert.equal((await late.query(`sum_over_time(${points})`))[0]?.value[1], '10')
        } finally {
          assert.equal(await second.stop(), 0)
          await late.stop()
          rmSync(directory, { recursive: true })
        }
      })
    }
  })
}
