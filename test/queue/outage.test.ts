import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outageSeconds } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { Feed, pause, startBackend, until } from './traffic.ts'
import { folderOf, queueOnDisk, scrape, startWeir } from './weir.ts'

const SPANS_PER_REQUEST = 500
/** 5,000 spans a second. */
const EVERY_MS = 100
/** Of the whole process, however long the outage. */
const MOST_RSS_MIB = 220

test(`a backend that is away for ${outageSeconds} s at 5,000 spans/s, with storage: nothing is lost`, {
  timeout: (outageSeconds * 2 + 120) * 1000,
}, async (t) => {
  const backend = await startBackend(t)
  const options = await queueOnDisk(t, backend)
  const weir = await startWeir(t, options)
  const feed = new Feed({
    port: options.port,
    spansPerRequest: SPANS_PER_REQUEST,
    everyMs: EVERY_MS,
  })
  const memory: number[] = []
  const watch = setInterval(() => memory.push(weir.rssMiB()), 250)
  await pause(1000)
  const before = Math.max(...memory)
  backend.isDown = true
  await pause(outageSeconds * 1000)
  const during = Math.max(...memory)
  backend.isDown = false
  const back = performance.now()
  const waiting = feed.taken.length * SPANS_PER_REQUEST - backend.count
  await until(() => backend.count >= feed.taken.length * SPANS_PER_REQUEST)
  const caughtUpMs = performance.now() - back
  await feed.stop()
  const names = feed.names()
  await until(() => backend.count >= names.length)
  clearInterval(watch)
  assert.equal(await weir.stop(), 0)
  t.diagnostic(
    `${names.length} spans taken, ${waiting} waited, caught up in ${(caughtUpMs / 1000).toFixed(1)} s; ` +
      `RSS before ${before}, during ${during}, at most ${Math.max(...memory)} MiB`,
  )
  assert.deepEqual([...feed.refused], [])
  assert(
    names.every((name) => backend.times.get(name) === 1),
    'each span came once',
  )
  assert(Math.max(...memory) < MOST_RSS_MIB)
})

test(`the same without storage: what is dropped or refused is counted to the item`, {
  timeout: (outageSeconds + 120) * 1000,
}, async (t) => {
  const backend = await startBackend(t)
  const options = {
    folder: folderOf(t),
    port: await freePort(),
    metricsPort: await freePort(),
    endpoint: backend.endpoint,
    queue: { queue_size: 12 },
    retry: { initial_interval: '50ms', max_interval: '500ms', max_elapsed_time: '2s' },
  }
  const weir = await startWeir(t, options)
  const value = (name: string) => scrape(options.metricsPort, name)
  const feed = new Feed({
    port: options.port,
    spansPerRequest: SPANS_PER_REQUEST,
    everyMs: EVERY_MS,
  })
  await pause(500)
  backend.isDown = true
  await pause(outageSeconds * 1000)
  backend.isDown = false
  await pause(1000)
  await feed.stop()
  while ((await value('otelcol_exporter_queue_size')) > 0) await pause(50)
  const dropped = await value('weir_exporter_dropped_items')
  const refused = await value('otelcol_exporter_enqueue_failed_spans')
  const taken = feed.taken.length * SPANS_PER_REQUEST
  t.diagnostic(
    `${taken} spans taken: ${backend.count} arrived, ${dropped} dropped; ${refused} refused`,
  )
  assert(dropped > 0 && refused > 0)
  assert.equal(backend.count + dropped, taken)
  assert.equal(await value('otelcol_exporter_sent_spans'), backend.count)
  assert.equal(refused, (feed.refused.get(503) ?? 0) * SPANS_PER_REQUEST)
  assert.equal(await weir.stop(), 0)
})
