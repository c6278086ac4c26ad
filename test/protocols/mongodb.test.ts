import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { connectionCounts, full, roundsOf } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { java, play, program, type Started, start, startGo, startNode } from './started.ts'
import { countOf, run, startWatching, type Watch } from './watch.ts'

const ROUNDS = String(full ? 1000 : 8)
/** No spans, or those of a client that is waited for. */
const HOUSEKEEPING = /^(hello|ismaster|isMaster|ping|endSessions|buildInfo|aggregate asked) ?/
/** A command that the server does not know is no name; the database of a long one stands behind what weir looks at. */
const known = (command: string) =>
  command.replace(/^SECRET -/, '- -').replace(/^insert long .*/, 'insert long -')
const BOTH = ['server', 'client'] as const
const CODECS = ['snappy', 'zlib', 'zstd']

type Rows = (readonly [command: string, count: number])[]

describe('MongoDB: what the server executed are spans', () => {
  let port = ''
  /** Of who compresses in front of the server. */
  let compressedPort = ''
  let server: Started
  let watch: Watch

  before(async () => {
    port = String(await freePort())
    compressedPort = String(await freePort())
    const [command, args] = await java('MongoServer', '96m')
    server = await start(command, [...args, port, compressedPort], 'ready')
  })

  after(() => server.stop('SIGKILL'))

  /** Commands since it was last asked, as the server saw them. */
  async function executed(): Promise<Rows> {
    const rows = (await server.ask('counts', 'end\n')).matchAll(/^(\d+) (\S+) (\S+) (\S+)$/gm)
    return [...rows]
      .map(([, count, name, collection, database]): [string, number] => [
        known(`${name} ${collection} ${database}`),
        Number(count),
      ])
      .filter(([command]) => !HOUSEKEEPING.test(command))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }

  const spansOf = (kind: string, ofPort = port) =>
    watch.spans.filter(
      ({ kind: side, attributes }) =>
        side === kind &&
        attributes.get('db.system.name') === 'mongodb' &&
        String(attributes.get('server.port')) === ofPort,
    )
  const lineOf = ({ attributes }: ReceivedSpan) =>
    ['db.operation.name', 'db.collection.name', 'db.namespace']
      .map((key) => attributes.get(key) ?? '-')
      .join(' ')
  const told = (kind: string, ofPort: string) =>
    countOf(
      spansOf(kind, ofPort)
        .map(lineOf)
        .filter((line) => !HOUSEKEEPING.test(line)),
    )

  /** By port: what the server has executed since weir's start. */
  let wanted = new Map<string, Rows>()

  /** Does the work, and holds the spans of both sides of each port since weir's start against the server's count. */
  async function compare(work: () => Promise<unknown>, ports = [port]): Promise<void> {
    await work()
    const more = await executed()
    for (const one of ports) {
      const all = [...(wanted.get(one) ?? []), ...more]
      wanted.set(one, countOf(all.flatMap(([line, n]) => Array.from({ length: n }, () => line))))
    }
    const sides = ports.flatMap((one) => BOTH.map((kind) => [kind, one] as const))
    const isTold = ([kind, one]: (typeof sides)[number]) =>
      JSON.stringify(told(kind, one)) === JSON.stringify(wanted.get(one))
    await watch.settled(() => sides.every(isTold))
    for (const [kind, one] of sides)
      assert.deepEqual(told(kind, one), wanted.get(one), `${kind} ${one}`)
    assert.ok(more.length > 1, 'the server counted something')
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  const watchAnew = async () => {
    watch = await startWatching()
    wanted = new Map()
    await executed()
  }
  const codes = (kind: string) =>
    countOf(
      spansOf(kind).flatMap(({ attributes }) => String(attributes.get('error.type') ?? '') || []),
    )

  describe('clients that come while weir runs', () => {
    before(watchAnew)
    after(() => watch.stop())

    test('the driver for Node', async () => {
      await compare(async () => play(await startNode('mongodb.mjs', port, ROUNDS)))
      for (const kind of BOTH) {
        assert.deepEqual(codes(kind), [
          ['11000', Number(ROUNDS)],
          ['59', Number(ROUNDS)],
        ])
      }
    })

    test('PyMongo', () =>
      compare(() => run('/usr/bin/python3', [program('mongodb.py'), port, ROUNDS])))

    for (const connections of connectionCounts) {
      test(`the driver for Go, ${connections} connections`, () =>
        compare(async () => {
          const rounds = roundsOf(connections, 7)
          await play(await startGo('mongodb', port, rounds, String(connections)))
        }))
    }

    for (const codec of CODECS) {
      test(`the driver for Go, compressed by ${codec}`, () =>
        compare(
          async () => play(await startGo('mongodb', compressedPort, '3', '2', codec)),
          [compressedPort, port],
        ))
    }
  })

  test('a connection that is older than weir', async () => {
    const client = await startNode('mongodb.mjs', port, ROUNDS)
    await watchAnew()
    const seen = () => BOTH.every((kind) => spansOf(kind).length > 0)
    for (let i = 0; i < 100 && !seen(); i++) {
      client.tell('once more')
      await setTimeout(100)
    }
    assert.ok(seen(), 'the connection is recognised')
    await compare(() => play(client))
    await watch.stop()
  })
})
