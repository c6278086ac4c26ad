import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import { join, messagesOf, settle } from './messages_truth.ts'
import { type NatsServer, startNats } from './nats_server.ts'
import { natsProgram, play, start, startNode } from './started.ts'
import { startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 1200 : 6
const TRACE = '0123456789abcdef0123456789abcdef'

describe('NATS: what nats-server counts are spans', () => {
  let server: NatsServer
  let watch: Watch

  before(async () => {
    server = await startNats()
    watch = await startWatching()
  })
  after(async () => {
    await watch.stop()
    await server.stop()
  })

  const startGo = async () =>
    start(await natsProgram(), ['client', server.port, String(ROUNDS)], 'ready')
  const startJs = () => startNode('nats.mjs', server.port, String(ROUNDS))

  test('clients that come while weir runs', async () => {
    await play(await startGo())
    await play(await startJs())
    await settle(watch, 'nats', await server.counters())
    const mine = messagesOf(watch, 'nats', false)
    const named = (name: string) => mine.filter((span) => span.name === name)
    for (const subject of [
      'publish shop.orders.new',
      'deliver shop.orders.*',
      'publish bills.new',
    ]) {
      assert.equal(named(subject).length, ROUNDS, subject)
      assert.ok(named(subject).every(({ traceId }) => traceId === TRACE))
    }
    assert.equal(named('ack BILLS').length, ROUNDS)
    assert.deepEqual(
      mine
        .filter(({ error }) => error)
        .map(({ attributes, name }) => [name, attributes.get('error.type')]),
      // The server does not count that nobody answers.
      [['deliver (temporary)', '503']],
    )
  })

  test('connections that are older than weir', async () => {
    const before = await server.counters()
    const [go, js] = [await startGo(), await startJs()]
    await watch.stop()
    watch = await startWatching()
    const times =
      (await join(watch, 'nats', go, 'shop.orders.old')) +
      (await join(watch, 'nats', js, 'node.orders.old'))
    await play(go)
    await play(js)
    const { taken, given } = await server.counters()
    const wanted = { taken: taken - before.taken - times, given: given - before.given - times }
    await settle(watch, 'nats', wanted)
  })
})
