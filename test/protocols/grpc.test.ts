import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { clientsFolder, goProgram, java, program, type Started, start } from './started.ts'
import { countOf, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 2000 : 5
const LARGE_ROUNDS = 10

type Count = [call: string, count: number]
/** What a client does in a round, which makes sure of each status itself: method, status, messages of either side. */
const CALLS = ['Fail NOT_FOUND 1/0', 'List OK 1/3', 'Many OK 3/1', 'One OK 1/1', 'Talk OK 3/3']
const SMALL = CALLS.map((call): Count => [call, ROUNDS])
/** And in its first rounds, in Go and Java: messages of 1 MiB, between which nothing goes the other way but windows. */
const LARGE: Count = ['Large OK 1/3', Math.min(ROUNDS, LARGE_ROUNDS)]
const withLarge = (large: Count) => [...SMALL, large].sort(([a], [b]) => (a < b ? -1 : 1))
const ALL = withLarge(LARGE)
/** A message may begin inside a frame of Netty's, where nothing is captured: then their number is not told. */
const ALL_OF_NETTY = withLarge(['Large OK', LARGE[1]])

function lineOf({ attributes }: ReceivedSpan): string {
  const text = (key: string) => String(attributes.get(key) ?? '')
  const method = text('rpc.method').replace('weir.test.Shop/', '')
  const messages = ['request', 'response'].map((side) => text(`weir.rpc.${side}.messages`))
  return `${method} ${text('rpc.status_code')} ${messages.join('/')} ${text('weir.partial')}`.trim()
}

const uncounted = (line: string) => line.replace(/^(Large OK) 1\/3?$/, '$1')

type Start = (port: string) => Promise<Started>
const rounds = String(ROUNDS)

const SERVERS: Readonly<Record<string, Start>> = {
  'grpc-js': async (port) =>
    start(process.execPath, [program('grpc.mjs'), await clientsFolder(), port, 'server'], 'ready'),
  'grpc-go': async (port) => start(await goProgram(), ['grpc-server', port], 'ready'),
  'grpc-java': async (port) => {
    const [command, args] = await java('GrpcShop', '64m')
    return start(command, [...args, 'server', port], 'ready')
  },
}

const CLIENTS: Readonly<Record<string, Start>> = {
  'grpc-js': async (port) =>
    start(process.execPath, [program('grpc.mjs'), await clientsFolder(), port, rounds], 'ready'),
  grpcio: (port) => start('/usr/bin/python3', [program('grpc_client.py'), port, rounds], 'ready'),
  'grpc-go': async (port) => start(await goProgram(), ['grpc-client', port, rounds], 'ready'),
  'grpc-java': async (port) => {
    const [command, args] = await java('GrpcShop', '64m')
    return start(command, [...args, 'client', port, rounds], 'ready')
  },
}

const ROWS: readonly [client: string, server: string, wanted: readonly Count[]][] = [
  ['grpc-js', 'grpc-js', SMALL],
  ['grpcio', 'grpc-js', SMALL],
  ['grpcio', 'grpc-go', SMALL],
  ['grpc-go', 'grpc-go', ALL],
  ['grpc-java', 'grpc-go', ALL],
  ['grpc-go', 'grpc-java', ALL_OF_NETTY],
]

describe('gRPC: a span for each call, of all four kinds', () => {
  const servers = new Map<string, { readonly port: string; readonly server: Started }>()
  let watch: Watch

  before(async () => {
    await Promise.all(
      Object.entries(SERVERS).map(async ([name, serve]) => {
        const port = String(await freePort())
        servers.set(name, { port, server: await serve(port) })
      }),
    )
    watch = await startWatching()
  })

  after(async () => {
    await watch.stop()
    for (const { server } of servers.values()) await server.stop()
  })

  for (const [name, serverName, wanted] of ROWS) {
    test(`${name} asks ${serverName}`, async (t) => {
      const port = servers.get(serverName)?.port ?? ''
      const client = await CLIENTS[name]?.(port)
      t.after(() => client?.process.kill())
      const from = watch.spans.length
      const ofKind = (kind: string) =>
        watch.spans
          .slice(from)
          .filter(
            (span) => span.kind === kind && span.attributes.get('server.port') === Number(port),
          )
      const told = wanted === ALL_OF_NETTY ? uncounted : (line: string) => line
      const linesOf = (kind: string) =>
        countOf(
          ofKind(kind)
            .map(lineOf)
            .map((line) => told(line)),
        )
      const isWhole = (kind: string) => JSON.stringify(linesOf(kind)) === JSON.stringify(wanted)
      client?.tell('go')
      // Its connection is open all the while.
      await watch.settled(() => isWhole('server') && isWhole('client'))
      assert.deepEqual(linesOf('server'), wanted)
      assert.deepEqual(linesOf('client'), wanted)
      client?.tell('end')
      await client?.ended()
      const failures = (kind: string) => ofKind(kind).filter(({ error }) => error).length
      assert.deepEqual([failures('server'), failures('client')], [0, ROUNDS])
    })
  }
})
