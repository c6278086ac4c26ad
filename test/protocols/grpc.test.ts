import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { clientsFolder, program, type Started, start } from './started.ts'
import { countOf, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 2000 : 10

/** What a client does in a round, which makes sure of each status itself: method, status, messages of either side. */
const CALLS = ['Fail NOT_FOUND 1/0', 'List OK 1/3', 'Many OK 3/1', 'One OK 1/1', 'Talk OK 3/3']
const WANTED = CALLS.map((call) => [call, ROUNDS])

function lineOf({ attributes }: ReceivedSpan): string {
  const text = (key: string) => String(attributes.get(key) ?? '')
  const method = text('rpc.method').replace('weir.test.Shop/', '')
  const messages = ['request', 'response'].map((side) => text(`weir.rpc.${side}.messages`))
  return `${method} ${text('rpc.status_code')} ${messages.join('/')}`
}

describe('gRPC: a span for each call, of all four kinds', () => {
  let port = ''
  let server: Started
  let clients: Readonly<Record<'grpc-js' | 'grpcio', Started>>
  let watch: Watch

  before(async () => {
    port = String(await freePort())
    const js = [program('grpc.mjs'), await clientsFolder(), port]
    server = await start(process.execPath, [...js, 'server'], 'ready')
    clients = {
      'grpc-js': await start(process.execPath, [...js, String(ROUNDS)], 'ready'),
      grpcio: await start(
        '/usr/bin/python3',
        [program('grpc_client.py'), port, String(ROUNDS)],
        'ready',
      ),
    }
    watch = await startWatching()
  })

  after(async () => {
    await watch.stop()
    await server.stop()
  })

  for (const name of ['grpc-js', 'grpcio'] as const) {
    test(`${name} asks grpc-js`, async () => {
      const from = watch.spans.length
      clients[name].tell('go')
      await clients[name].ended()
      const ofKind = (kind: string) =>
        watch.spans
          .slice(from)
          .filter(
            (span) => span.kind === kind && span.attributes.get('server.port') === Number(port),
          )
      const linesOf = (kind: string) => countOf(ofKind(kind).map(lineOf))
      const isWhole = (kind: string) => JSON.stringify(linesOf(kind)) === JSON.stringify(WANTED)
      await watch.settled(() => isWhole('server') && isWhole('client'))
      assert.deepEqual(linesOf('server'), WANTED)
      assert.deepEqual(linesOf('client'), WANTED)
      const failures = (kind: string) => ofKind(kind).filter(({ error }) => error).length
      assert.deepEqual([failures('server'), failures('client')], [0, ROUNDS])
    })
  }
})
