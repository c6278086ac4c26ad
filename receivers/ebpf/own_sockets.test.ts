import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { OwnSockets } from './own_sockets.ts'

test('OwnSockets knows both ends of a connection inside this process', async (t) => {
  const own = new OwnSockets()
  own.start()
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  t.after(() => {
    client.destroy()
    server.close()
    own.stop()
  })
  client.write('x')
  await once(client, 'data')

  const from = client.localPort ?? 0
  assert.ok(own.isPeer('127.0.0.1', port, '127.0.0.1', from), 'the client, seen by a server')
  assert.ok(own.isPeer('127.0.0.1', from, '127.0.0.1', port), 'the server, seen by a client')
  assert.ok(!own.isPeer('127.0.0.1', port, '127.0.0.1', from + 1))
})
