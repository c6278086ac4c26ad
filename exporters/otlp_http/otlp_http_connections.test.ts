import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { backend } from '../../test/support/http_backend.ts'
import { spans } from '../../test/support/telemetry.ts'
import { otlpHttp } from './factory.ts'
import { otlpHttpExporter } from './otlp_http.ts'

/** Sends so many requests at a time; gives the connections that the backend has seen. */
async function connectionsOf(t: TestContext, config: object, atOnce: number): Promise<Socket[]> {
  const { url, server, received } = await backend(t, (_request, response) => {
    // All of them are there before the first is answered, unless the client keeps some back.
    setTimeout(() => response.end(), 20)
  })
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const settings = { endpoint: url, sending_queue: { enabled: false }, ...config }
  const exporter = otlpHttpExporter(testContext().ctx, otlpHttp.schema.parse(settings), 'traces')
  await exporter.start()
  t.after(() => exporter.shutdown(later()))
  await Promise.all(Array.from({ length: atOnce }, () => exporter.consume(spans(1), {})))
  assert.equal(received.length, atOnce)
  return sockets
}

const closed = async (socket: Socket) => void (socket.closed || (await once(socket, 'close')))

describe('otlp_http and its connections', () => {
  test('max_conns_per_host: never more at a time', async (t) => {
    assert.equal((await connectionsOf(t, { max_conns_per_host: 2 }, 6)).length, 2)
  })

  test('disable_keep_alives: one for each request', async (t) => {
    const sockets = await connectionsOf(t, { disable_keep_alives: true, max_conns_per_host: 1 }, 3)
    assert.equal(sockets.length, 3)
    await Promise.all(sockets.map(closed))
  })

  for (const name of ['max_idle_conns', 'max_idle_conns_per_host']) {
    test(`${name}: the other ones are closed`, async (t) => {
      const sockets = await connectionsOf(t, { [name]: 1 }, 3)
      const open = () => sockets.filter((socket) => !socket.closed)
      while (open().length > 1) await Promise.race(open().map((socket) => once(socket, 'close')))
      assert.equal(open().length, 1)
    })
  }

  test('idle_conn_timeout: then it is closed', async (t) => {
    const [socket] = await connectionsOf(t, { idle_conn_timeout: '30ms' }, 1)
    assert(socket !== undefined)
    await closed(socket)
  })

  for (const enabled of [true, false]) {
    test(`cookies::enabled ${enabled}: what the backend sets ${enabled ? 'goes back' : 'is let go'}`, async (t) => {
      const { url, received } = await backend(t, (_request, response) => {
        response.setHeader('set-cookie', ['lb=b7; Path=/', 'other=1; Domain=example.org'])
        response.end()
      })
      const config = otlpHttp.schema.parse({
        endpoint: url,
        sending_queue: { enabled: false },
        cookies: { enabled },
        headers: { Cookie: 'mine=1' },
      })
      const exporter = otlpHttpExporter(testContext().ctx, config, 'traces')
      await exporter.start()
      for (let i = 0; i < 2; i++) await exporter.consume(spans(1), {})
      await exporter.shutdown(later())
      assert.deepEqual(
        received.map(({ headers }) => headers.cookie),
        ['mine=1', enabled ? 'mine=1; lb=b7' : 'mine=1'],
      )
    })
  }

  test('compression_params: the level makes bodies smaller', async (t) => {
    const sizeAt = async (level: number) => {
      const { url, received } = await backend(t)
      const config = { endpoint: url, compression_params: { level } }
      const exporter = otlpHttpExporter(testContext().ctx, otlpHttp.schema.parse(config), 'traces')
      await exporter.start()
      await exporter.consume(spans(500), {})
      await exporter.shutdown(later())
      return received[0]?.body.length ?? 0
    }
    const [huffman, one, nine] = [await sizeAt(-2), await sizeAt(0), await sizeAt(9)]
    assert(nine > 0 && nine < one && one < huffman, `${nine} ${one} ${huffman}`)
  })
})
