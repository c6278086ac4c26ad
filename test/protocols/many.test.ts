import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as amqp from '../../receivers/ebpf/protocols/amqp/testing.ts'
import * as h2 from '../../receivers/ebpf/protocols/http2/testing.ts'
import * as kafka from '../../receivers/ebpf/protocols/kafka/testing.ts'
import * as mongodb from '../../receivers/ebpf/protocols/mongodb/testing.ts'
import * as my from '../../receivers/ebpf/protocols/mysql/testing.ts'
import * as pg from '../../receivers/ebpf/protocols/postgres/testing.ts'
import type { Conversation } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'
import { holdMany, ROOMY_RINGS } from '../kernel/tcp/many.ts'
import { full, mixedConnections } from '../size.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { countOf } from './watch.ts'

/** One exchange in each protocol, by what its span is known by. */
const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  'http 1.1': [
    ['request', 'GET /r/NAME HTTP/1.1\r\nHost: many\r\n\r\n'],
    ['response', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ],
  'http 2': [
    ['request', h2.all(h2.CLIENT, h2.get(1, '/a'))],
    ['response', h2.all(h2.SERVER, h2.ok(1))],
  ],
  postgresql: [
    ['request', pg.START],
    ['response', pg.WELCOME],
    ['request', pg.query("SELECT 'x' FROM t")],
    ['response', pg.all(pg.complete('SELECT 0'), pg.READY)],
  ],
  mariadb: [...my.OPENING, my.ask(my.query('BEGIN')), my.say(my.ok(1))],
  redis: [
    ['request', '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n'],
    ['response', '$5\r\nhello\r\n'],
  ],
  kafka: [
    ['request', kafka.produce(1, { a: { 0: kafka.batch([kafka.record('x')]) } })],
    ['response', kafka.produced(1, { a: 0 })],
  ],
  mongodb: [
    ['request', mongodb.ask(1, { find: 'goods', filter: { name: 'x' }, $db: 'shop' })],
    ['response', mongodb.answer(1, { cursor: { firstBatch: [{ a: 1 }] }, ok: 1 })],
  ],
  memcached: [
    ['request', 'set k 0 0 5\r\nhello\r\n'],
    ['response', 'STORED\r\n'],
  ],
  rabbitmq: [
    ['request', amqp.OPENING],
    ['response', amqp.method(10, 10)],
    ['request', amqp.get('orders')],
    ['response', amqp.all(amqp.getOk(1, '', 'orders'), amqp.content('hello'))],
  ],
}
/** What V8 may leave uncollected. */
const SPARE_MIB = 32
const KINDS = Object.keys(CONVERSATIONS).length

function protocolOf({ attributes, kind }: ReceivedSpan): string {
  const system = attributes.get('db.system.name') ?? attributes.get('messaging.system')
  const version = attributes.get('network.protocol.version') ?? '1.1'
  return `${system ?? `http ${version}`} ${kind}`
}

const LIMIT = { timeout: 600_000 }
const ofAllKinds = (connections: number) => connections - (connections % KINDS)
const connections = ofAllKinds(mixedConnections)
/** Opened and closed so often. */
const ROUNDS = 5
const connectionsOfRound = ofAllKinds(full ? 10_000 : 300)

test(
  `${connections} connections of all protocols: one span each, and memory has a bound`,
  LIMIT,
  async (t) => {
    const { spans, parent, account } = await holdMany(t, {
      connections,
      conversations: Object.values(CONVERSATIONS),
      bytesPerEnd: 6144,
      rings: ROOMY_RINGS,
      stopped: false,
    })
    const wanted = Object.keys(CONVERSATIONS)
      .flatMap((name) => [`${name} client`, `${name} server`])
      .sort()
      .map((name) => [name, connections / KINDS])
    const isStranger = ({ resource }: ReceivedSpan) => resource.get('process.parent_pid') !== parent
    assert.deepEqual(spans.filter(isStranger), [])
    assert.deepEqual(countOf(spans.map(protocolOf)), wanted)
    assert.equal(account.lost, 0)
  },
)

test(
  `${connectionsOfRound} connections of all protocols, ${ROUNDS} times: memory does not grow`,
  LIMIT,
  async (t) => {
    const { spans, account, after } = await holdMany(t, {
      connections: connectionsOfRound,
      conversations: Object.values(CONVERSATIONS),
      bytesPerEnd: 6144,
      rings: ROOMY_RINGS,
      stopped: false,
      rounds: ROUNDS,
    })
    assert.equal(spans.length, 2 * ROUNDS * connectionsOfRound)
    assert.equal(account.lost, 0)
    const [, second = 0] = after
    assert.ok(Math.max(...after.slice(2)) < second + SPARE_MIB, `MiB after each: ${after}`)
  },
)
