import assert from 'node:assert/strict'
import { once } from 'node:events'
import http2 from 'node:http2'
import { describe, type TestContext, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { serverKeepaliveFields } from './grpc_keepalive.ts'
import { GrpcServer } from './grpc_server.ts'
import { holdListeners } from './listener.ts'

const METHOD = '/a.B/C'

async function serverOf(t: TestContext, keepalive: object = {}, port = 0, maxStreams = 0) {
  const answer = Promise.withResolvers<void>()
  const server = new GrpcServer(
    {
      where: { host: '127.0.0.1', port },
      transport: 'tcp',
      tls: undefined,
      maxMessageBytes: 1000,
      maxStreams,
      windowBytes: 0,
      keepalive: serverKeepaliveFields.parse(keepalive),
      log: testContext().ctx.log,
      duration: testContext().ctx.duration,
      authenticate: undefined,
      rejected: () => undefined,
    },
    new Map([[METHOD, { handle: () => answer.promise }]]),
  )
  await server.listen()
  t.after(() => server.close(AbortSignal.abort()))
  return { server, answer: answer.resolve }
}

function connect(t: TestContext, port: number) {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  session.on('error', () => undefined)
  t.after(() => session.destroy())
  return session
}

function call(session: http2.ClientHttp2Session): Promise<unknown> {
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
  })
  let status: unknown
  stream.on('response', (head) => {
    status = head['grpc-status']
  })
  stream.on('trailers', (trailers) => {
    status = trailers['grpc-status']
  })
  stream.on('error', (error: NodeJS.ErrnoException) => {
    status = error.code
  })
  stream.resume().end(Buffer.alloc(5))
  // On a slow machine the connection is too old before the call begins: then that is refused.
  return once(stream, 'close').then(
    () => status,
    () => status,
  )
}

describe('a gRPC server and its connections', () => {
  const ages: [name: string, parameters: object][] = [
    ['idle for max_connection_idle', { max_connection_idle: '20ms' }],
    ['as old as max_connection_age', { max_connection_age: '20ms' }],
  ]
  for (const [name, server_parameters] of ages) {
    test(`says goodbye to one that is ${name}`, async (t) => {
      const { server } = await serverOf(t, { server_parameters })
      const session = connect(t, server.port)
      const [code] = await once(session, 'goaway')
      assert.equal(code, http2.constants.NGHTTP2_NO_ERROR)
    })
  }

  test('cuts a call that outlives max_connection_age_grace', async (t) => {
    const server_parameters = { max_connection_age: '20ms', max_connection_age_grace: '20ms' }
    const { server } = await serverOf(t, { server_parameters })
    assert.notEqual(await call(connect(t, server.port)), '0')
  })

  test('cuts off a client that pings without a call', async (t) => {
    const { server } = await serverOf(t)
    const session = connect(t, server.port)
    await once(session, 'connect')
    for (let i = 0; i < 4; i++) session.ping(() => undefined)
    const [code] = await once(session, 'goaway')
    assert.equal(code, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })

  test('lets a client ping as often as enforcement_policy allows', async (t) => {
    const enforcement_policy = { min_time: '1ns', permit_without_stream: true }
    const { server, answer } = await serverOf(t, { enforcement_policy })
    const session = connect(t, server.port)
    await once(session, 'connect')
    for (let i = 0; i < 6; i++) {
      await new Promise<void>((resolve) => session.ping(() => resolve()))
    }
    answer()
    assert.equal(await call(session), '0')
  })

  test('takes as many calls at a time as max_concurrent_streams', async (t) => {
    const { server } = await serverOf(t, {}, 0, 2)
    const session = connect(t, server.port)
    const [settings] = await once(session, 'remoteSettings')
    assert.equal(settings.maxConcurrentStreams, 2)
  })

  test('hands its listening socket on at a reload: a connection in between is served', async (t) => {
    const release = holdListeners()
    const first = await serverOf(t)
    const { port } = first.server
    await first.server.close(later())
    const session = connect(t, port)
    // The socket is known by what was asked for, a free port.
    const second = await serverOf(t)
    assert.equal(second.server.port, port)
    second.answer()
    assert.equal(await call(session), '0')
    await release()
  })
})
