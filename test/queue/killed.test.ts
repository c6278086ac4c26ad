import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueKills } from '../size.ts'
import { Feed, startBackend, until } from './traffic.ts'
import { queueOnDisk, startWeir } from './weir.ts'

const CONSUMERS = 4
/** Of the same requests, those whose answer was there and whose removal was on its way. */
const MOST_DOUBLED = 2 * CONSUMERS

test(`killed ${queueKills} times under load: what was taken arrives, and only what was under way twice`, {
  timeout: 60_000 + queueKills * 10_000,
}, async (t) => {
  const backend = await startBackend(t)
  const settings = await queueOnDisk(t, backend)
  const options = { ...settings, queue: { ...settings.queue, num_consumers: CONSUMERS } }
  const feed = new Feed({ port: options.port, spansPerRequest: 20, everyMs: 3 })
  const flicker = setInterval(() => {
    backend.isDown = !backend.isDown
  }, 130)
  for (let kill = 0; kill < queueKills; kill++) {
    const weir = await startWeir(t, options)
    const enough = feed.taken.length + 20 + Math.random() * 60
    await until(() => feed.taken.length > enough)
    await weir.kill()
  }
  await feed.stop()
  clearInterval(flicker)
  backend.isDown = false
  const weir = await startWeir(t, options)
  const taken = feed.names()
  await until(() => taken.every((name) => backend.times.has(name)))
  assert.equal(await weir.stop(), 0)
  const doubled = new Set(
    [...backend.times].filter(([, n]) => n > 1).map(([name]) => name.split(' ')[0]),
  )
  t.diagnostic(`${feed.taken.length} requests taken, ${doubled.size} doubled, ${queueKills} kills`)
  assert(doubled.size <= queueKills * MOST_DOUBLED)
})
