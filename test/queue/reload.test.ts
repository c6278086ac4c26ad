import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { Feed, pause, startBackend, until } from './traffic.ts'
import { queueOnDisk, scrape, startWeir, type WeirOptions } from './weir.ts'

const TIMEOUT = { timeout: 60_000 }

const CHANGES: readonly (readonly [what: string, change: Partial<WeirOptions>])[] = [
  ['the exporter', { retry: { multiplier: 2 } }],
  ['the storage', { storage: { timeout: '2s' } }],
]

for (const [what, change] of CHANGES) {
  test(`a reload that changes ${what} hands the queue on disk over`, TIMEOUT, async (t) => {
    const backend = await startBackend(t)
    backend.isDown = true
    const options = await queueOnDisk(t, backend)
    const weir = await startWeir(t, options)
    const feed = new Feed({ port: options.port, spansPerRequest: 20, everyMs: 3 })
    await until(() => feed.taken.length > 50)
    const storage = { ...options.storage, ...change.storage }
    await weir.reload({ ...options, ...change, storage })
    await pause(200)
    backend.isDown = false
    await feed.stop()
    await until(() => feed.names().every((name) => backend.times.has(name)))
    assert.equal(await weir.stop(), 0)
    assert(
      feed.names().every((name) => backend.times.get(name) === 1),
      'each span came once',
    )
    assert.deepEqual([...feed.refused], [])
  })
}

test(
  'a reload that replaces an exporter whose backend is down drops what it had queued, to the item',
  TIMEOUT,
  async (t) => {
    const backend = await startBackend(t)
    backend.isDown = true
    const { storage: _none, ...inMemory } = await queueOnDisk(t, backend)
    const options = { ...inMemory, metricsPort: await freePort() }
    const weir = await startWeir(t, options)
    const feed = new Feed({ port: options.port, spansPerRequest: 20, everyMs: 3 })
    await until(() => feed.taken.length > 50)
    await weir.reload({ ...options, retry: { multiplier: 2 } })
    backend.isDown = false
    await feed.stop()
    const dropped = await scrape(options.metricsPort, 'weir_exporter_dropped_items')
    const taken = feed.taken.length * 20
    await until(() => backend.count + dropped >= taken)
    t.diagnostic(`${taken} spans taken: ${backend.count} arrived, ${dropped} dropped`)
    assert(dropped > 0)
    assert.equal(backend.count + dropped, taken)
    assert.deepEqual([...feed.refused], [])
    assert.equal(await weir.stop(), 0)
  },
)
