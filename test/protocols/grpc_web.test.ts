import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { clientsFolder, goProgram, program, type Started, start } from './started.ts'
import { countOf, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 2000 : 5

type Count = [call: string, count: number]
/** What a client does in a round, which makes sure of each answer itself: method, status, messages of either side. */
const UNARY: Count[] = ['Fail NOT_FOUND 1/0', 'Large OK 1/1', 'One OK 1/1'].map((call) => [
  call,
  ROUNDS,
])
const ALL: Count[] = UNARY.toSpliced(2, 0, ['List OK 1/3', ROUNDS])

function lineOf({ attributes }: ReceivedSpan): string {
  const text = (key: string) => String(attributes.get(key) ?? '')
  const method = text('rpc.method').replace('weir.test.Shop/', '')
  const messages = ['request', 'response'].map((side) => text(`weir.rpc.${side}.messages`))
  return `${method} ${text('rpc.status_code')} ${messages.join('/')} ${text('weir.partial')}`.trim()
}

const { ca, serverCert, serverKey } = makeCertificates()

const node = async (origin: string, ...args: readonly string[]): Promise<Started> =>
  start(
    process.execPath,
    [program('grpc_web.mjs'), await clientsFolder(), origin, ...args],
    'ready',
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
    },
  )

const SERVERS: Readonly<Record<string, (origin: string) => Promise<Started>>> = {
  'connect-node': (origin) => node(origin, 'server', '1.1'),
  'connect-node over HTTP/2': (origin) => node(origin, 'server', '2'),
  'connect-node over TLS': (origin) => node(origin, 'server', '1.1', serverCert, serverKey),
  'connect-node over HTTP/2 and TLS': (origin) =>
    node(origin, 'server', '2', serverCert, serverKey),
  'grpc-go in grpcweb': async (origin) =>
    start(await goProgram(), ['grpc-web-server', new URL(origin).port], 'ready'),
}

/** `form`: as the program calls it. */
const ROWS: readonly [form: string, server: string, version: string, wanted: readonly Count[]][] = [
  ['1.1', 'connect-node', '1.1', ALL],
  ['2', 'connect-node over HTTP/2', '2', ALL],
  ['1.1', 'connect-node over TLS', '1.1', ALL],
  ['2', 'connect-node over HTTP/2 and TLS', '2', ALL],
  ['1.1', 'grpc-go in grpcweb', '1.1', ALL],
  ['2', 'grpc-go in grpcweb', '2', ALL],
  ['binary', 'grpc-go in grpcweb', '1.1', UNARY],
  ['text', 'grpc-go in grpcweb', '1.1', ALL],
]

describe('gRPC-Web: a span for each call, by its status at the end of the content', () => {
  const servers = new Map<string, { readonly origin: string; readonly server: Started }>()
  let watch: Watch

  before(async () => {
    await Promise.all(
      Object.entries(SERVERS).map(async ([name, serve]) => {
        const scheme = name.endsWith('TLS') ? 'https' : 'http'
        const origin = `${scheme}://127.0.0.1:${await freePort()}`
        servers.set(name, { origin, server: await serve(origin) })
      }),
    )
    watch = await startWatching()
  })

  after(async () => {
    await watch.stop()
    for (const { server } of servers.values()) await server.stop()
  })

  for (const [form, serverName, version, wanted] of ROWS) {
    test(`a client by ${form} asks ${serverName}`, async (t) => {
      const origin = servers.get(serverName)?.origin ?? ''
      const client = await node(origin, String(ROUNDS), form)
      const port = Number(new URL(origin).port)
      t.after(() => client.process.kill())
      const from = watch.spans.length
      const ofKind = (kind: string) =>
        watch.spans
          .slice(from)
          .filter((span) => span.kind === kind && span.attributes.get('server.port') === port)
      const linesOf = (kind: string) => countOf(ofKind(kind).map(lineOf))
      const isWhole = (kind: string) => JSON.stringify(linesOf(kind)) === JSON.stringify(wanted)
      client.tell('go')
      // Its connection is open all the while.
      await watch.settled(() => isWhole('server') && isWhole('client'))
      assert.deepEqual(linesOf('server'), wanted)
      assert.deepEqual(linesOf('client'), wanted)
      client.tell('end')
      await client.ended()
      for (const kind of ['server', 'client']) {
        const spans = ofKind(kind)
        const versions = new Set(
          spans.map(({ attributes }) => attributes.get('network.protocol.version')),
        )
        assert.deepEqual([...versions], [version])
        const failures = spans.filter(({ error }) => error).length
        assert.equal(failures, kind === 'client' ? ROUNDS : 0)
      }
    })
  }
})
