import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import { join, messagesOf, settle } from './messages_truth.ts'
import { type Mosquitto, startMosquitto } from './mqtt_server.ts'
import { play, startNode } from './started.ts'
import { run, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 3000 : 9
const TRACE = '0123456789abcdef0123456789abcdef'
const PARENT = `00-${TRACE}-0123456789abcdef-01`

describe('MQTT: what mosquitto logs are spans', () => {
  let broker: Mosquitto
  let watch: Watch

  before(async () => {
    broker = await startMosquitto()
    watch = await startWatching()
  })
  after(async () => {
    await watch.stop()
    await broker.stop()
  })

  const startClient = (version: string) =>
    startNode('mqtt.mjs', broker.port, String(ROUNDS), version)
  /** Once by mosquitto_pub, which ends at once. */
  const publish = (topic: string, ...options: string[]) =>
    run('mosquitto_pub', ['-p', broker.port, '-t', topic, '-m', 'SECRET', ...options])

  test('clients that come while weir runs', async () => {
    await play(await startClient('4'))
    await play(await startClient('5'))
    await publish('by/tool', '-q', '1')
    await publish(
      'by/tool',
      '-V',
      '5',
      '-q',
      '2',
      '-D',
      'publish',
      'user-property',
      'traceparent',
      PARENT,
    )
    // Retained, it is handed to who comes later.
    await publish('by/kept', '-r')
    await run('mosquitto_sub', ['-p', broker.port, '-t', 'by/kept', '-C', '1', '-q', '1'])
    const wanted = { taken: 2 * ROUNDS + 3, given: 2 * ROUNDS + 1 }
    assert.deepEqual(await broker.counted(wanted), wanted)
    await settle(watch, 'mqtt', wanted)
    const mine = messagesOf(watch, 'mqtt', false)
    assert.ok(mine.every(({ error }) => !error))
    for (const name of ['publish lamps5/new', 'deliver lamps5/new']) {
      const spans = mine.filter((span) => span.name === name)
      assert.equal(spans.length, ROUNDS, name)
      assert.ok(spans.every(({ traceId }) => traceId === TRACE))
    }
    assert.equal(mine.filter(({ traceId }) => traceId === TRACE).length, 2 * ROUNDS + 1)
  })

  test('connections that are older than weir', async () => {
    const before = await broker.counted({ taken: 0, given: 0 })
    const clients = [await startClient('4'), await startClient('5')]
    await watch.stop()
    watch = await startWatching()
    let times = 0
    for (const [i, client] of clients.entries())
      times += await join(watch, 'mqtt', client, `lamps${i + 4}/old`)
    for (const client of clients) await play(client)
    const wanted = { taken: 2 * ROUNDS, given: 2 * ROUNDS }
    const { taken, given } = before
    const all = { taken: taken + times + wanted.taken, given: given + times + wanted.given }
    assert.deepEqual(await broker.counted(all), all)
    await settle(watch, 'mqtt', wanted)
  })
})
