import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Feed, pause, startBackend, until } from './traffic.ts'
import { queueOnDisk, startWeir, type WeirOptions } from './weir.ts'

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
