import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { full } from '../size.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type NatsServer, startNats } from './nats_server.ts'
import { natsProgram, play, type Started, start, startNode } from './started.ts'
import { startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 1200 : 6
const TRACE = '0123456789abcdef0123456789abcdef'
const KINDS: Readonly<Record<string, string>> = { publish: 'producer', deliver: 'consumer' }

const operationOf = ({ attributes }: ReceivedSpan) =>
  String(attributes.get('messaging.operation.name'))

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

  const mine = (isServer: boolean) =>
    watch.spans.filter(
      ({ attributes, kind }) =>
        attributes.get('messaging.system') === 'nats' && (kind === 'server') === isServer,
    )
  const isOld = ({ attributes }: ReceivedSpan) =>
    String(attributes.get('messaging.destination.name')).endsWith('.old')
  /** What the server counts, by spans: it does not count that nobody answers. Without what serves to recognise a connection. */
  const told = (isServer: boolean) => {
    const messages = mine(isServer).filter((span) => !span.error && !isOld(span))
    const given = messages.filter((span) => operationOf(span) === 'deliver').length
    return { taken: messages.length - given, given }
  }

  /** Waits until both sides have told of all that the server has counted beside what was there `before`. */
  async function settle(before: Awaited<ReturnType<NatsServer['counters']>>): Promise<void> {
    const { taken, given } = await server.counters()
    const wanted = { taken: taken - before.taken, given: given - before.given }
    const isTold = (isServer: boolean) => JSON.stringify(told(isServer)) === JSON.stringify(wanted)
    await watch.settled(() => isTold(true) && isTold(false))
    assert.deepEqual(told(true), wanted, 'of the server')
    assert.deepEqual(told(false), wanted, 'of clients')
    for (const span of mine(false)) assert.equal(span.kind, KINDS[operationOf(span)] ?? 'client')
    assert.ok(wanted.taken > 0 && wanted.given > 0)
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  const named = (name: string) => mine(false).filter((span) => span.name === name)

  test('clients that come while weir runs', async () => {
    await play(await startGo())
    await play(await startJs())
    await settle({ taken: 0, given: 0 })
    for (const subject of [
      'publish shop.orders.new',
      'deliver shop.orders.*',
      'publish bills.new',
    ]) {
      assert.equal(named(subject).length, ROUNDS, subject)
      assert.ok(named(subject).every(({ traceId }) => traceId === TRACE))
    }
    assert.equal(named('ack BILLS').length, ROUNDS)
    const failed = mine(false).filter(({ error }) => error)
    assert.deepEqual(
      failed.map(({ attributes, name }) => [name, attributes.get('error.type')]),
      [['deliver (temporary)', '503']],
    )
  })

  /** Lets a client say a little until all of it is read on both sides; returns how often it has. */
  async function join(client: Started, subject: string): Promise<number> {
    const isSeen = () =>
      [true, false].every((isServer) =>
        ['publish', 'deliver'].every((operation) =>
          mine(isServer).some(({ name }) => name === `${operation} ${subject}`),
        ),
      )
    let times = 0
    for (; times < 300 && !isSeen(); times++) {
      client.tell('once more')
      await setTimeout(100)
    }
    assert.ok(isSeen(), `the connection is recognised: ${subject}`)
    return times
  }

  test('connections that are older than weir', async () => {
    const { taken, given } = await server.counters()
    const [go, js] = [await startGo(), await startJs()]
    await watch.stop()
    watch = await startWatching()
    const times = (await join(go, 'shop.orders.old')) + (await join(js, 'node.orders.old'))
    await play(go)
    await play(js)
    await settle({ taken: taken + times, given: given + times })
  })
})
