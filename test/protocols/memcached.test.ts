import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { play, program, type Started, start, startNode, startPython } from './started.ts'
import { startWatching, type Watch } from './watch.ts'

const ROUNDS = String(full ? 700 : 8)
const BOTH = ['server', 'client'] as const
const STORES = ['set', 'add', 'replace', 'append', 'prepend', 'cas', 'ms']
const GETS = ['get', 'gets', 'mg']

type Counts = readonly (readonly [what: string, count: number])[]

const operationOf = ({ attributes }: ReceivedSpan) =>
  String(attributes.get('db.operation.name') ?? '').replace(/^BATCH /, '')
const keysOf = ({ attributes }: ReceivedSpan) =>
  Number(attributes.get('db.operation.batch.size') ?? 1)
const rowsOf = ({ attributes }: ReceivedSpan) =>
  Number(attributes.get('db.response.returned_rows') ?? 0)
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** What was asked for, and not refused: the server does not count what it refuses. */
function countsOfSpans(spans: readonly ReceivedSpan[]): Counts {
  const good = (names: readonly string[]) =>
    spans.filter((span) => !span.error && names.includes(operationOf(span)))
  const keys = (...names: string[]) => sum(good(names).map(keysOf))
  return [
    ['gets', keys(...GETS)],
    ['hits', sum(good(GETS).map(rowsOf))],
    ['stores', keys(...STORES)],
    ['deletes', keys('delete', 'md')],
    ['increments', keys('incr', 'ma')],
    ['touches', keys('touch')],
  ]
}

function countsOfServer(stats: string): Counts {
  const all = new Map([...stats.matchAll(/^STAT (\S+) (\d+)\r$/gm)].map((row) => [row[1], row[2]]))
  const count = (...names: string[]) => sum(names.map((name) => Number(all.get(name))))
  return [
    ['gets', count('cmd_get')],
    ['hits', count('get_hits')],
    ['stores', count('cmd_set')],
    ['deletes', count('delete_hits', 'delete_misses')],
    ['increments', count('incr_hits', 'incr_misses')],
    ['touches', count('cmd_touch')],
  ]
}

describe('memcached: what its statistics count are spans', () => {
  let port = ''
  let server: Started
  let watch: Watch

  /** A connection that weir makes nothing of: `stats` may be anybody's. */
  async function ask(command: string, last: string): Promise<string> {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (more) => {
      text += more
    })
    socket.write(`${command}\r\n`)
    while (!text.endsWith(last)) await once(socket, 'data')
    socket.destroy()
    return text
  }

  const mine = (kind: string) =>
    watch.spans.filter(
      ({ attributes, kind: side }) =>
        side === kind && String(attributes.get('server.port')) === port,
    )

  const watchAnew = async () => {
    watch = await startWatching()
    await ask('stats reset', 'RESET\r\n')
    told = 0
  }

  before(async () => {
    port = String(await freePort())
    const options = [
      '-u',
      'nobody',
      '-l',
      '127.0.0.1',
      '-p',
      port,
      '-U',
      '0',
      '-m',
      '64',
      '-v',
      '-v',
    ]
    server = await start('memcached', options, 'server listening')
    // What it says of each connection and command is not for anybody.
    server.process.stderr?.resume()
  })

  after(() => server.stop())

  /** Spans of servers that were held against the server's count. */
  let told = 0

  /**
   * Lets a client play, and holds the spans of both sides against the server's count. Of `unseen` rounds at the most nothing is told:
   * those in which a connection older than weir is recognised.
   */
  async function compare(client: Started, unseen = 0): Promise<void> {
    await play(client)
    const wanted = countsOfServer(await ask('stats', 'END\r\n'))
    const missing = (kind: string) => {
      const told = new Map(countsOfSpans(mine(kind)))
      return wanted.filter(([name, count]) => {
        const missed = count - (told.get(name) ?? 0)
        return missed < 0 || missed > unseen * Math.ceil(count / Number(ROUNDS))
      })
    }
    await watch.settled(() => BOTH.every((kind) => missing(kind).length === 0))
    for (const kind of BOTH) {
      assert.deepEqual(missing(kind), [], `${kind}: ${JSON.stringify(countsOfSpans(mine(kind)))}`)
    }
    assert.ok(mine('server').length > told, 'there is something new')
    told = mine('server').length
    const partial = BOTH.flatMap(mine).filter(({ attributes }) => attributes.has('weir.partial'))
    assert.deepEqual(partial, [])
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  const errors = (kind: string) =>
    mine(kind).flatMap(({ attributes }) => String(attributes.get('error.type') ?? '') || [])

  describe('clients that come while weir runs', () => {
    before(watchAnew)
    after(() => watch.stop())

    test('pymemcache: lines, many keys, noreply, errors', async () => {
      await compare(await startPython('memcached_text.py', port, ROUNDS))
      for (const kind of BOTH) {
        const many = mine(kind).filter(({ name }) => name === 'BATCH get')
        assert.equal(many.length, 2 * Number(ROUNDS), kind)
        assert.deepEqual([...new Set(errors(kind))].sort(), ['CLIENT_ERROR', 'SERVER_ERROR'])
      }
    })

    test('pylibmc: lines of libmemcached', async () => {
      await compare(await startPython('memcached_binary.py', port, ROUNDS, 'text'))
    })

    test('pylibmc: the binary protocol, quiet gets', async () => {
      const before = mine('client').length
      await compare(await startPython('memcached_binary.py', port, ROUNDS, 'binary'))
      const many = mine('client')
        .slice(before)
        .filter(({ name }) => name === 'BATCH get')
      assert.deepEqual([...new Set(many.map(keysOf))], [4])
    })

    test('memjs: the binary protocol, several at once', async () => {
      await compare(await startNode('memcached.mjs', port, ROUNDS))
      // The server counts no set that is too large, so `compare` has not waited for the last one.
      const tooLarge = () =>
        BOTH.map((kind) => errors(kind).filter((code) => code === '0x0003').length)
      const all = BOTH.map(() => Number(ROUNDS))
      await watch.settled(() => isDeepStrictEqual(tooLarge(), all))
      assert.deepEqual(tooLarge(), all)
    })

    test('meta commands, quiet ones too', async () => {
      await compare(
        await start(process.execPath, [program('memcached_meta.mjs'), port, ROUNDS], 'ready'),
      )
      const many = mine('server').filter(({ name }) => name === 'BATCH mg')
      assert.deepEqual([...new Set(many.map(keysOf))], [3])
    })
  })

  test('connections that are older than weir, by lines and binary', async () => {
    const clients = [
      await startPython('memcached_text.py', port, ROUNDS),
      await startNode('memcached.mjs', port, ROUNDS),
    ]
    await watchAnew()
    try {
      for (const client of clients) await compare(client, 1)
    } finally {
      await watch.stop()
    }
  })
})
