import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connectionCounts, full, roundsOf } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { compareCluster, type RedisCluster, startRedisCluster } from './redis_cluster.ts'
import { play, type Started, start, startGo, startNode, startPython } from './started.ts'
import { run, startWatching, type Watch } from './watch.ts'

const ROUNDS = String(full ? 400 : 10)
const BENCH_COMMANDS = full ? '10000' : '500'

/** Commands of the test itself, and those of a client that comes while weir is looking for it. */
const OURS = /^(CONFIG|INFO|PING|CLIENT|COMMAND|SELECT|HELLO|QUIT)\b/

/** Commands as the server counted them, and how many of them it refused, by name. */
function countsOfServer(commandstats: string): Map<string, string> {
  const counts = new Map<string, string>()
  const line = /^cmdstat_([^:]+):calls=(\d+),.*rejected_calls=(\d+),failed_calls=(\d+)/gm
  for (const [, name = '', calls, rejected, failed] of commandstats.matchAll(line)) {
    const all = Number(calls) + Number(rejected)
    const operation = name.toUpperCase().replace('|', ' ')
    if (!OURS.test(operation))
      counts.set(operation, `${all}, ${Number(rejected) + Number(failed)} failed`)
  }
  return counts
}

const operationOf = ({ attributes }: ReceivedSpan) =>
  String(attributes.get('db.operation.name') ?? '')

function countsOfSpans(spans: readonly ReceivedSpan[]): Map<string, string> {
  const groups = Map.groupBy(spans, operationOf)
  return new Map(
    [...groups]
      .filter(([operation]) => !OURS.test(operation))
      .map(([operation, group]) => [
        operation,
        `${group.length}, ${group.filter(({ error }) => error).length} failed`,
      ]),
  )
}

const sorted = (counts: ReadonlyMap<string, string>) => [...counts].sort()

describe('Redis: what commandstats counts are spans', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-redis-'))
  let port = ''
  let server: Started
  let watch: Watch
  /** Servers need seconds to find each other. */
  let cluster: Promise<RedisCluster>
  const cli = async (...args: string[]) => (await run('redis-cli', ['-p', port, ...args])).stdout
  const mine = () =>
    watch.spans.filter(({ attributes }) => String(attributes.get('server.port')) === port)
  const ofKind = (kind: string) => mine().filter((span) => span.kind === kind)

  const watchAnew = async () => {
    watch = await startWatching()
    await cli('CONFIG', 'RESETSTAT')
  }

  before(async () => {
    port = String(await freePort())
    const options = ['--port', port, '--save', '', '--dir', folder]
    server = await start('redis-server', options, 'Ready to accept connections')
    cluster = startRedisCluster(folder)
  })

  after(async () => {
    await server.stop()
    await (await cluster).stop()
    rmSync(folder, { recursive: true })
  })

  /** Does the work, and holds the spans of both sides against the server's count. */
  async function compare(work: () => Promise<void>, kinds: readonly string[]): Promise<void> {
    await work()
    const wanted = sorted(countsOfServer(await cli('INFO', 'commandstats')))
    const equal = (kind: string) =>
      JSON.stringify(sorted(countsOfSpans(ofKind(kind)))) === JSON.stringify(wanted)
    await watch.settled(() => kinds.every(equal))
    assert.ok(wanted.length > 1, 'the server counted something')
    for (const kind of kinds) assert.deepEqual(sorted(countsOfSpans(ofKind(kind))), wanted, kind)
    assert.doesNotMatch(watch.text(), /SECRET/)
  }

  /** As somebody types them. */
  async function sendLines(lines: readonly string[]): Promise<void> {
    const socket = connect(Number(port), '127.0.0.1')
    for (const line of lines) {
      socket.write(`${line}\r\n`)
      await once(socket, 'data')
    }
    socket.destroy()
  }

  const startGoRedis = (connections: number) =>
    startGo('redis', port, roundsOf(connections, 28), String(connections))

  describe('clients that come while weir runs', () => {
    before(watchAnew)
    after(() => watch.stop())

    test('redis-cli by RESP2 and RESP3', async () => {
      await compare(async () => {
        await cli('SET', 'SECRET', 'SECRET')
        await cli('-3', 'HGETALL', 'h')
        await cli('-n', '4', 'GET', 'SECRET')
        await cli('LPUSH', 'SECRET', '1')
      }, ['server', 'client'])
      const get = ofKind('server').find((span) => span.name === 'GET')
      assert.equal(get?.attributes.get('db.namespace'), '4')
    })

    const clients = {
      'ioredis: pipelines, transactions, subscribers': () => startNode('redis.mjs', port, ROUNDS),
      'redis-py': () => startPython('redis.py', port, ROUNDS),
      ...Object.fromEntries(
        connectionCounts.map((count) => [
          `go-redis, ${count} connections`,
          () => startGoRedis(count),
        ]),
      ),
    }
    for (const [name, startClient] of Object.entries(clients)) {
      test(name, async () => {
        const client = await startClient()
        await compare(() => play(client), ['server', 'client'])
      })
    }

    test('lines of words, and what the server pushes between answers', async () => {
      await compare(async () => {
        await sendLines(['PING', 'SET SECRET SECRET', 'INCR SECRET', 'STRLEN SECRET'])
        // It is told itself that what it has read is another now.
        const lines = ['CLIENT TRACKING ON', 'GET t', 'SET t SECRET', 'GET t', 'SET t 2', 'GET t']
        const answers = execFileSync('redis-cli', ['-p', port, '-3', '--show-pushes', 'yes'], {
          input: lines.join('\n'),
        })
        assert.match(answers.toString(), /invalidate/)
      }, ['server', 'client'])
    })

    test('redis-cli -c: who is sent elsewhere has a span on both servers, and no error', async () =>
      compareCluster(await cluster, watch))

    test('redis-benchmark, one at a time and 16 at once', async () => {
      await compare(async () => {
        for (const at of ['1', '16']) {
          await run('redis-benchmark', [
            '-p',
            port,
            '-n',
            BENCH_COMMANDS,
            '-P',
            at,
            '-c',
            '8',
            '-q',
            '-t',
            'set,incr',
          ])
        }
      }, ['server', 'client'])
    })
  })

  test('ioredis, connections that are older than weir', async () => {
    const client = await startNode('redis.mjs', port, ROUNDS)
    await watchAnew()
    await compare(() => play(client), ['server', 'client'])
    const sets = ofKind('client').filter((span) => span.name === 'SET')
    assert.deepEqual(
      new Set(sets.map(({ attributes }) => attributes.get('weir.partial'))),
      new Set(['database_unknown']),
    )
    await watch.stop()
  })

  for (const connections of connectionCounts) {
    test(`go-redis, ${connections} connections that are older than weir`, async () => {
      const client = await startGoRedis(connections)
      await watchAnew()
      await compare(() => play(client), ['server', 'client'])
      await watch.stop()
    })
  }
})
