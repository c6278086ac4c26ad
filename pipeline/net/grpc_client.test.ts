import assert from 'node:assert/strict'
import dns from 'node:dns/promises'
import { once } from 'node:events'
import http2 from 'node:http2'
import { syncBuiltinESMExports } from 'node:module'
import net, { type AddressInfo } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import { grpcCaller } from '../../test/support/grpc_caller.ts'
import { parseTarget } from './grpc_target.ts'

const OK = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }

/** A server that says OK to everything, and what it has seen. */
async function serverOf(t: TestContext, wanted = 0, host = '127.0.0.1') {
  const sessions: http2.ServerHttp2Session[] = []
  const authorities: (string | undefined)[] = []
  const server = http2.createServer().listen(wanted, host)
  server.on('session', (session) => sessions.push(session))
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    authorities.push(headers[':authority'])
    stream.resume().respond(OK, { endStream: true })
  })
  await once(server, 'listening')
  t.after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { server, sessions, authorities, port: (server.address() as AddressInfo).port }
}

describe('a gRPC client', () => {
  test('calls the server by the authority that it is told', async (t) => {
    const { port, authorities } = await serverOf(t)
    await grpcCaller(t, port)()
    await grpcCaller(t, port, { authority: 'tenant.example' })()
    assert.deepEqual(authorities, [`127.0.0.1:${port}`, 'tenant.example'])
  })

  test('keeps its connection, and makes a new one after it was told to go away', async (t) => {
    const { port, sessions } = await serverOf(t)
    const call = grpcCaller(t, port)
    for (let calls = 0; calls < 3; calls++) await call()
    assert.equal(sessions.length, 1)
    sessions[0]?.close()
    await once(sessions[0] as http2.ServerHttp2Session, 'close')
    await call()
    assert.equal(sessions.length, 2)
  })

  test('with keepalive asks for signs of life, without a call if it is to', async (t) => {
    const { port, sessions } = await serverOf(t)
    await grpcCaller(t, port, {
      keepalive: { timeMs: 5, timeoutMs: 20_000, withoutCalls: true },
    })()
    assert(sessions[0] !== undefined)
    for (let pings = 0; pings < 3; pings++) await once(sessions[0], 'ping')
  })

  test('gives up a connection without a sign of life', async (t) => {
    const { port, sessions } = await serverOf(t)
    /** Passes bytes on until it is told to be silent. */
    let silent = false
    const links: net.Socket[] = []
    const between = net.createServer((socket) => {
      const behind = net.connect(port, '127.0.0.1')
      links.push(socket, behind)
      socket.on('data', (part) => void (silent || behind.write(part))).on('error', ignore)
      behind.on('data', (part) => void (silent || socket.write(part))).on('error', ignore)
    })
    between.listen(0, '127.0.0.1')
    await once(between, 'listening')
    t.after(() => {
      for (const link of links) link.destroy()
      between.close()
    })
    const call = grpcCaller(t, (between.address() as AddressInfo).port, {
      keepalive: { timeMs: 10, timeoutMs: 1000, withoutCalls: true },
    })
    await call()
    silent = true
    const [link] = links
    assert(link !== undefined)
    if (!link.closed) await once(link, 'close')
    silent = false
    await call()
    assert.equal(sessions.length, 2)
  })
})

describe('a gRPC client of a name with two addresses', () => {
  const { lookup } = dns
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]
  before(() => {
    Object.assign(dns, { lookup: () => Promise.resolve(addresses) })
    syncBuiltinESMExports()
  })
  after(() => {
    Object.assign(dns, { lookup })
    syncBuiltinESMExports()
  })

  async function pair(t: TestContext, balancer: 'round_robin' | 'pick_first') {
    const one = await serverOf(t)
    const other = await serverOf(t, one.port, '127.0.0.2')
    const target = parseTarget(`pair.example:${one.port}`)
    assert(target !== undefined)
    const call = grpcCaller(t, one.port, { balancer, target })
    return { one, other, call, seen: () => [one.authorities.length, other.authorities.length] }
  }

  test('round_robin: in turn, once both are connected', { timeout: 30_000 }, async (t) => {
    const { call, seen } = await pair(t, 'round_robin')
    while (seen().includes(0)) await call()
    const [a = 0, b = 0] = seen()
    for (let calls = 0; calls < 10; calls++) await call()
    assert.deepEqual(seen(), [a + 5, b + 5])
  })

  test('pick_first: the other one only when the first is gone', { timeout: 30_000 }, async (t) => {
    const { call, seen, one } = await pair(t, 'pick_first')
    for (let calls = 0; calls < 10; calls++) await call()
    assert.deepEqual(seen(), [10, 0])
    one.server.close()
    for (const session of one.sessions) session.close()
    // A call that was on its way when the connection ended fails, as its sender would hear.
    while (seen()[1] === 0) await call().catch(ignore)
  })
})

const ignore = () => undefined
