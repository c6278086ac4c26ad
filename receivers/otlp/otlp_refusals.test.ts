import assert from 'node:assert/strict'
import net from 'node:net'
import { describe, test } from 'node:test'
import zlib from 'node:zlib'
import { RefusedError } from '../../pipeline/component.ts'
import { spans } from '../../test/support/telemetry.ts'
import { httpReceiver, JSON_TYPE } from './testing.ts'

describe('otlp over HTTP refuses', () => {
  type Row = [
    name: string,
    path: string,
    init: RequestInit,
    status: number,
    text: RegExp,
    reason: string,
  ]
  const proto = { 'content-type': 'application/x-protobuf' }
  const garbage = new Uint8Array([0x0a, 0xff, 0xff]) as unknown as string
  const rows: Row[] = [
    [
      'another method',
      '/v1/traces',
      {},
      405,
      /^405 method not allowed, supported: \[POST\]$/,
      'method',
    ],
    [
      'a signal without pipeline',
      '/v1/metrics',
      { method: 'POST', headers: proto, body: '' },
      404,
      /404/,
      'path',
    ],
    ['another path', '/', { method: 'POST', headers: proto, body: '' }, 404, /404/, 'path'],
    [
      'another type',
      '/v1/traces',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
      415,
      /^415 unsupported media type, supported: \[application\/json, application\/x-protobuf\]$/,
      'content_type',
    ],
    ['no type', '/v1/traces', { method: 'POST', body: garbage }, 415, /^415/, 'content_type'],
    [
      'an unknown compression, whatever else is wrong',
      '/nowhere',
      { method: 'PUT', headers: { 'content-encoding': 'GZIP' }, body: 'x' },
      400,
      /^unsupported Content-Encoding: GZIP$/,
      'content_encoding',
    ],
    [
      'garbage as protobuf',
      '/v1/traces',
      { method: 'POST', headers: proto, body: garbage },
      400,
      /ends within|varint/,
      'invalid',
    ],
    [
      'garbage as JSON',
      '/v1/traces',
      { method: 'POST', headers: JSON_TYPE, body: '{"resourceSpans":5}' },
      400,
      /^\{"code":3,"message":"request\.resourceSpans: expected an array, got 5"\}$/,
      'invalid',
    ],
    [
      'what is no gzip',
      '/v1/traces',
      { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: 'plain' },
      400,
      /request body is no gzip/,
      'corrupt',
    ],
  ]
  for (const [name, path, init, status, text, reason] of rows) {
    test(`${name}: ${status}, and counts it as ${reason}`, async (t) => {
      const { url, received, count } = await httpReceiver(t)
      const answer = await fetch(`${url}${path}`, init)
      assert.equal(answer.status, status)
      assert.match(await answer.text(), text)
      assert.deepEqual(received, [])
      assert.equal(count(`rejected_requests_${reason}`), 1)
    })
  }

  const sizes: [
    name: string,
    encode: (bytes: Buffer) => Uint8Array,
    encoding: Record<string, string>,
  ][] = [
    ['a body that is too large', (bytes) => bytes, {}],
    ['a small body that becomes too large', zlib.gzipSync, { 'content-encoding': 'gzip' }],
  ]
  for (const [name, encode, encoding] of sizes) {
    test(`${name}: 400`, async (t) => {
      const { post, received, count } = await httpReceiver(t, { max_request_body_size: 10_000 })
      const body = encode(Buffer.alloc(200_000, 0x20))
      const answer = await post('/v1/traces', body, { ...JSON_TYPE, ...encoding })
      assert.equal(answer.status, 400)
      assert.match(await answer.text(), /request body too large: allowed are 10000 bytes/)
      assert.deepEqual(received, [])
      assert.equal(count('rejected_requests_too_large'), 1)
    })
  }

  test('a plain body, where only gzip is allowed: 400', async (t) => {
    const { post } = await httpReceiver(t, { compression_algorithms: ['gzip'] })
    assert.equal((await post('/v1/traces', spans(1).toProtobuf())).status, 400)
  })

  test('what the pipeline refuses: 503, with the wait it asks for', async (t) => {
    const consume = () => Promise.reject(new RefusedError('full', { retryAfterMs: 1500 }))
    const { post } = await httpReceiver(t, {}, { consume })
    const answer = await post('/v1/traces', spans(1).toJson(), JSON_TYPE)
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '2'])
    assert.deepEqual(await answer.json(), { code: 14, message: 'full' })
  })

  test('what the pipeline cannot take at all: 500, as a protobuf Status', async (t) => {
    const { post } = await httpReceiver(t, {}, { consume: () => Promise.reject(new Error('no')) })
    const answer = await post('/v1/traces', spans(1).toProtobuf())
    assert.equal(answer.status, 500)
    assert.equal(Buffer.from(await answer.arrayBuffer()).toString('hex'), '080d12026e6f')
  })

  test('requests that are not HTTP, or cut: nothing goes on, and it serves the next', async (t) => {
    const { post, received, server, count } = await httpReceiver(t)
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    for (const text of ['\0\0\0\0\r\n\r\n', `${head}content-length: 1000\r\n\r\n{"res`]) {
      await new Promise<void>((resolve) => {
        const socket = net.connect(server.httpPort, '127.0.0.1', () => socket.end(text))
        socket.on('close', () => resolve())
        socket.on('error', () => resolve())
        socket.resume()
      })
    }
    assert.equal((await post('/v1/traces', spans(1).toProtobuf())).status, 200)
    assert.equal(received.length, 1)
    assert.equal(count('rejected_requests_aborted'), 1)
  })
})
