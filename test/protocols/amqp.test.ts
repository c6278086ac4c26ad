import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { full } from '../size.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type Broker, startRabbitmq } from './amqp_server.ts'
import { play, startNode, startPython } from './started.ts'
import { startWatching, type Watch } from './watch.ts'

const ROUNDS = String(full ? 1500 : 6)
const TRACE = '0123456789abcdef0123456789abcdef'

/** By what RabbitMQ counts: operations that it counts as one, of both sides. */
const COUNTED = {
  messages_received_total: ['publish'],
  messages_delivered_total: ['deliver', 'get'],
  messages_acknowledged_total: ['ack'],
} as const
const KINDS: Readonly<Record<string, string>> = {
  publish: 'producer',
  deliver: 'consumer',
}

describe('AMQP 0-9-1: what RabbitMQ counts are spans', () => {
  let broker: Broker
  let watch: Watch

  before(async () => {
    broker = await startRabbitmq()
    watch = await startWatching()
  })
  after(async () => {
    await watch.stop()
    await broker.stop()
  })

  const mine = (isServer: boolean) =>
    watch.spans.filter(
      ({ attributes, kind }) =>
        attributes.get('messaging.system') === 'rabbitmq' && (kind === 'server') === isServer,
    )
  const operationOf = ({ attributes }: ReceivedSpan) =>
    String(attributes.get('messaging.operation.name'))
  const told = (isServer: boolean) =>
    Object.values(COUNTED).map(
      (operations) =>
        mine(isServer).filter((span) =>
          (operations as readonly string[]).includes(operationOf(span)),
        ).length,
    )
  const counted = async () => {
    const counters = await broker.counters()
    return Object.keys(COUNTED).map((name) => counters.get(name) ?? 0)
  }

  /** Waits until both sides have told of `wanted` of each. */
  async function settle(wanted: readonly number[]): Promise<void> {
    const isTold = (isServer: boolean) => JSON.stringify(told(isServer)) === JSON.stringify(wanted)
    await watch.settled(() => isTold(true) && isTold(false))
    assert.deepEqual(told(true), wanted, 'of the broker')
    assert.deepEqual(told(false), wanted, 'of clients')
    for (const span of mine(false)) assert.equal(span.kind, KINDS[operationOf(span)] ?? 'client')
    assert.ok(wanted.every((count) => count > 0))
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  test('clients that come while weir runs', async () => {
    await play(await startNode('amqp.mjs', broker.port, ROUNDS))
    await play(await startPython('amqp.py', broker.port, ROUNDS))
    await settle(await counted())
    const sent = mine(false).filter(({ name }) => name === 'publish shop:new.book')
    const come = mine(false).filter(({ name }) => name === 'deliver shop:new.book:orders')
    for (const spans of [sent, come]) {
      assert.equal(spans.length, Number(ROUNDS) + 1)
      assert.ok(spans.every(({ traceId }) => traceId === TRACE))
    }
    const returned = mine(false).filter(({ name }) => name === 'publish shop:nowhere')
    const errors = new Set(returned.map(({ attributes }) => attributes.get('error.type')))
    assert.deepEqual([returned.length, [...errors]], [Number(ROUNDS), ['312']])
  })

  // Its counts are asked of two more virtual machines, which take longer to start than all the rest: in the full form alone.
  const testFully = full ? test : () => undefined
  testFully('a connection that is older than weir', async () => {
    const client = await startNode('amqp.mjs', broker.port, ROUNDS)
    await watch.stop()
    watch = await startWatching()
    const seen = () => mine(true).length > 0 && mine(false).length > 0
    for (let i = 0; i < 300 && !seen(); i++) {
      client.tell('once more')
      await setTimeout(100)
    }
    assert.ok(seen(), 'the connection is recognised')
    const published = (isServer: boolean) => told(isServer)[0] ?? 0
    await watch.settled(() => published(true) === published(false))
    const [before, first] = [await counted(), told(true)]
    await play(client)
    const ends = await counted()
    await settle(ends.map((end, i) => end - (before[i] ?? 0) + (first[i] ?? 0)))
  })
})
