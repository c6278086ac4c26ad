import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { spans } from '../../test/support/telemetry.ts'
import { httpReceiver } from './testing.ts'

const HEAD = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

/** Sends text and no more; gives what came until the server closed the connection. */
async function sendPart(t: TestContext, http: object, text: string): Promise<string> {
  const { server } = await httpReceiver(t, http)
  const socket = net.connect(server.httpPort, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe('otlp over HTTP ends a connection', () => {
  const rows: [name: string, http: object, text: string, answer: RegExp][] = [
    ['whose head does not end', { read_header_timeout: '500500us' }, HEAD, / 408 /],
    [
      'whose body does not end',
      { read_timeout: '500500us' },
      `${HEAD}content-length: 9\r\n\r\n{`,
      /408/,
    ],
    [
      'that is idle',
      { idle_timeout: '50500us' },
      `${HEAD}content-length: 2\r\n\r\n{}`,
      / 200 .*\{\}$/s,
    ],
    [
      'that it is not to keep',
      { keep_alives_enabled: false },
      `${HEAD}content-length: 2\r\n\r\n{}`,
      / 200 .*connection: close/is,
    ],
  ]
  for (const [name, http, text, answer] of rows) {
    test(name, async (t) => assert.match(await sendPart(t, http, text), answer))
  }
})

describe('otlp and its CORS headers', () => {
  const cors = { allowed_origins: ['https://shop.example'], exposed_headers: ['X-Request-Id'] }
  const ask = async (t: TestContext, more: object, headers: string) => {
    const { url } = await httpReceiver(t, { cors: { ...cors, ...more } })
    const answer = await fetch(`${url}/v1/traces`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': headers,
      },
    })
    return answer.headers.get('access-control-allow-headers')
  }

  test('with allowed_headers no other ones may be sent, content-type neither', async (t) => {
    assert.equal(await ask(t, { allowed_headers: ['X-Tenant'] }, 'x-tenant'), 'x-tenant')
    assert.equal(await ask(t, { allowed_headers: ['X-Tenant'] }, 'content-type'), null)
    assert.equal(await ask(t, { allowed_headers: ['*'] }, 'a,b'), 'a, b')
  })

  test('a page may read the exposed ones', async (t) => {
    const { post } = await httpReceiver(t, { cors })
    const answer = await post('/v1/traces', spans(1).toProtobuf(), {
      origin: 'https://shop.example',
    })
    assert.equal(answer.headers.get('access-control-expose-headers'), 'X-Request-Id')
  })

  test('headers without origins are said to do nothing', async (t) => {
    const { lines } = await httpReceiver(t, { cors: { allowed_headers: ['X-Tenant'] } })
    assert.match(lines.join('\n'), /warn.*no allowed origins, and is therefore ignored/)
  })
})
