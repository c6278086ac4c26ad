import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../truth/programs.ts'
import { Feed, pause, startBackend, until } from './traffic.ts'
import { folderOf, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 60_000 }

/** Of what is left of the disk when the filler is there. */
const SPACE_BYTES = 4 << 20
const FILLER_BYTES = 8 << 20

test('a full disk refuses with 503, and goes on when there is space', TIMEOUT, async (t) => {
  const backend = await startBackend(t)
  backend.isDown = true
  const folder = folderOf(t)
  const directory = join(folder, 'small')
  const options = {
    folder,
    port: await freePort(),
    endpoint: backend.endpoint,
    queue: { queue_size: 100_000 },
    storage: { directory },
    smallDiskBytes: SPACE_BYTES + FILLER_BYTES,
  }
  const weir = await startWeir(t, options)
  const filler = weir.inside(join(directory, 'filler'))
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
  const folder = folderOf(t)
  const options = {
    folder,
    port: await freePort(),
    endpoint: backend.endpoint,
    queue: { queue_size: 100_000 },
    storage: { directory: join(folder, 'small') },
    smallDiskBytes: SPACE_BYTES,
  }
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
  const folder = folderOf(t)
  const options = async () => ({
    folder,
    port: await freePort(),
    endpoint: backend.endpoint,
    queue: {},
    storage: { directory: folder, timeout: '50ms' },
  })
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
