import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { type Backend, Feed, pause, startBackend, until } from './traffic.ts'
import { queueOnDisk, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 60_000 }

/** Of what is left of the disk when the filler is there. */
const SPACE_BYTES = 4 << 20
const FILLER_BYTES = 8 << 20

async function onSmallDisk(t: TestContext, backend: Backend, smallDiskBytes: number) {
  const options = await queueOnDisk(t, backend)
  return { ...options, storage: { directory: join(options.folder, 'small') }, smallDiskBytes }
}

test('a full disk refuses with 503, and goes on when there is space', TIMEOUT, async (t) => {
  const backend = await startBackend(t)
  backend.isDown = true
  const options = await onSmallDisk(t, backend, SPACE_BYTES + FILLER_BYTES)
  const weir = await startWeir(t, options)
  const filler = weir.inside(join(options.storage.directory, 'filler'))
  writeFileSync(filler, Buffer.alloc(FILLER_BYTES))
  const feed = new Feed({ port: options.port, spansPerRequest: 200, everyMs: 3 })
  await until(() => (feed.refused.get(503) ?? 0) > 20)
  assert(weir.log.some((line) => /Exporting failed\. Rejecting data\..*no space left/.test(line)))
  const taken = feed.taken.length
  assert(taken > 10, 'some were taken before')
  rmSync(filler)
  await until(() => feed.taken.length > taken + 20)
  await feed.stop()
  backend.isDown = false
  await until(() => feed.names().every((name) => backend.times.has(name)))
  assert.equal(await weir.stop(), 0)
  t.diagnostic(`${taken} requests until it was full, ${feed.taken.length} in all`)
  assert.equal(backend.count, feed.taken.length * 200)
  assert.deepEqual([...feed.refused.keys()], [503])
})

test('a disk that stays full is emptied by sending, and takes again', TIMEOUT, async (t) => {
  const backend = await startBackend(t)
  backend.isDown = true
  const options = await onSmallDisk(t, backend, SPACE_BYTES)
  const weir = await startWeir(t, options)
  const feed = new Feed({ port: options.port, spansPerRequest: 200, everyMs: 3 })
  await until(() => (feed.refused.get(503) ?? 0) > 20)
  backend.isDown = false
  const taken = feed.taken.length
  await until(() => feed.taken.length > taken + 200)
  await feed.stop()
  await until(() => feed.names().every((name) => backend.times.has(name)))
  await pause(50) // the last ones are removed
  assert.equal(await weir.stop(), 0)
})

test('a second weir on the same directory refuses to start, and says why', TIMEOUT, async (t) => {
  const backend = await startBackend(t)
  const settings = await queueOnDisk(t, backend)
  const storage = { ...settings.storage, timeout: '50ms' }
  const options = async () => ({ ...settings, storage, port: await freePort() })
  const first = await startWeir(t, await options())
  await assert.rejects(
    startWeir(t, await options()),
    new RegExp(
      `failed to start "otlp_http" exporter: file_storage: open ".*exporter_otlp_http__traces\\.sqlite": process ${first.process.pid} \\(.*\\) has it open`,
    ),
  )
  assert.equal(await first.stop(), 0)
  const after = await startWeir(t, await options())
  assert.equal(await after.stop(), 0)
})
