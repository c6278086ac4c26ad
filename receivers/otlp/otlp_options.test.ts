import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { RefusedError, stateless } from '../../pipeline/component.ts'
import type { Headers } from '../../pipeline/net/auth.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import { lz4 } from '../../pipeline/net/lz4.ts'
import { snappyBlock, snappyFramed } from '../../pipeline/net/snappy.ts'
import { spans } from '../../test/support/telemetry.ts'
import { httpReceiver } from './testing.ts'

const run = promisify(execFile)

/** Lets in who says the word. */
const guard = {
  ...stateless,
  authenticate: (headers: Headers) =>
    headers.get('authorization')?.[0] === 'Bearer open sesame'
      ? Promise.resolve()
      : Promise.reject(new Error('missing or wrong token')),
}

/** Of traces alone, into a pipeline that may always fail. */
async function receiverOf(t: TestContext, http: object, failure?: Error) {
  const consume = failure && (() => Promise.reject(failure))
  const { post, received } = await httpReceiver(t, http, { consume, extensions: { guard } })
  return {
    counts: () => received.map(({ batch }) => batch.count),
    post: (body: Uint8Array, headers: Record<string, string> = {}, query = '') =>
      post(`/v1/traces${query}`, body, headers),
  }
}

describe('otlp over HTTP', () => {
  const encodings: [name: string, encode: (bytes: Uint8Array) => Uint8Array][] = [
    ['snappy', snappyBlock],
    ['snappy', snappyFramed],
    ['x-snappy-framed', snappyFramed],
    ['lz4', lz4],
  ]
  for (const [name, encode] of encodings) {
    test(`takes ${name} by ${encode.name}`, async (t) => {
      const { counts, post } = await receiverOf(t, {})
      const answer = await post(encode(spans(30).toProtobuf()), { 'content-encoding': name })
      assert.deepEqual([answer.status, counts()], [200, [30]])
    })
  }

  test('listens on a unix socket, which curl can use', async (t) => {
    const path = join(tmpdir(), `weir-http-${process.pid}.sock`)
    const { counts } = await receiverOf(t, { endpoint: path, transport: 'unix' })
    const body = ['-H', 'content-type: application/json', '-d', spans(2).toJson()]
    const url = 'http://localhost/v1/traces'
    const { stdout } = await run('curl', ['-sS', '--unix-socket', path, ...body, url])
    assert.deepEqual([stdout, counts()], ['{}', [2]])
  })

  test('a write_timeout ends what the pipeline does not answer in time', async (t) => {
    const consume = () => new Promise<void>(() => undefined)
    const { post } = await httpReceiver(t, { write_timeout: '30ms' }, { consume })
    await assert.rejects(post('/v1/traces', spans(1).toProtobuf()))
  })
})

describe("otlp over HTTP passes a backend's status on", () => {
  const rows: [name: keyof typeof Code, http: number][] = [
    ['resourceExhausted', 429],
    ['invalidArgument', 400],
    ['unauthenticated', 401],
    ['permissionDenied', 403],
    ['unimplemented', 404],
    ['canceled', 503],
    ['deadlineExceeded', 503],
    ['aborted', 503],
    ['outOfRange', 503],
    ['unavailable', 503],
    ['dataLoss', 503],
    ['internal', 500],
    ['unknown', 500],
  ]
  for (const [name, http] of rows) {
    test(`${name} as ${http}`, async (t) => {
      const cause = new StatusError({ code: Code[name], message: 'said' })
      const { post } = await receiverOf(t, {}, new RefusedError('x', { cause, retryAfterMs: 3000 }))
      const answer = await post(spans(1).toProtobuf())
      assert.equal(answer.status, http)
      const waits = http === 429 || http === 503
      assert.equal(answer.headers.get('retry-after'), waits ? '3' : null)
      assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
    })
  }
})

describe('otlp with an authenticator', () => {
  const http = { auth: { authenticator: 'guard', request_params: ['authorization'] } }
  const word = 'Bearer open sesame'

  test('takes who it lets in: by header or by parameter', async (t) => {
    const { counts, post } = await receiverOf(t, http)
    const bytes = spans(1).toProtobuf()
    assert.equal((await post(bytes, { authorization: word })).status, 200)
    assert.equal((await post(bytes, {}, `?authorization=${encodeURIComponent(word)}`)).status, 200)
    assert.deepEqual(counts(), [1, 1])
  })

  test('answers everybody else with 401 and the reason', async (t) => {
    const { counts, post } = await receiverOf(t, http)
    const answer = await post(Buffer.from('{}'), { 'content-type': 'application/json' })
    assert.equal(answer.status, 401)
    assert.deepEqual(await answer.json(), { code: 16, message: 'missing or wrong token' })
    assert.deepEqual(counts(), [])
  })

  test('an authenticator that is not there stops the start', async (t) => {
    await assert.rejects(receiverOf(t, { auth: { authenticator: 'nobody' } }), {
      message: 'failed to resolve authenticator "nobody": authenticator not found',
    })
  })
})
