import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { oauth2Client } from './factory.ts'
import { OAuth2Client } from './oauth2_client.ts'

interface Seen {
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/** A client of a token server, which answers with what `answer` gives. */
async function client(
  t: TestContext,
  answer: (seen: Seen, times: number) => readonly [status: number, body: unknown],
  more: object = {},
) {
  const seen: Seen[] = []
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    const { authorization } = request.headers
    seen.push({ authorization, form: Object.fromEntries(new URLSearchParams(body)) })
    const [status, said] = answer(seen.at(-1) as Seen, seen.length)
    response.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let now = 0
  const token_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const settings = { client_id: 'id', client_secret: 'se:cret', token_url, ...more }
  const { ctx } = testContext('oauth2', () => now)
  const extension = new OAuth2Client(ctx, oauth2Client.schema.parse(settings))
  await extension.start()
  t.after(async () => {
    await extension.shutdown()
    server.close()
  })
  const skip = (ms: number) => {
    now += ms
  }
  return { extension, seen, skip }
}

const BASIC = `Basic ${Buffer.from('id:se%3Acret').toString('base64')}`

describe('oauth2_client', () => {
  test('asks with its secret in a header, once for many', async (t) => {
    const more = { scopes: ['a', 'b'], endpoint_params: { audience: ['x'] } }
    const { extension, seen } = await client(t, () => [200, { access_token: 'T' }], more)
    const all = await Promise.all([extension.requestHeaders(), extension.requestHeaders()])
    assert.deepEqual(
      [...all, await extension.requestHeaders()],
      Array(3).fill({ authorization: 'Bearer T' }),
    )
    const form = { grant_type: 'client_credentials', scope: 'a b', audience: 'x' }
    assert.deepEqual(seen, [{ authorization: BASIC, form }])
  })

  test('else among the parameters', async (t) => {
    const { extension, seen } = await client(t, ({ authorization }) =>
      authorization === undefined ? [200, { access_token: 'T' }] : [401, 'no'],
    )
    assert.deepEqual(await extension.requestHeaders(), { authorization: 'Bearer T' })
    assert.deepEqual(seen[1]?.form, {
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 'se:cret',
    })
  })

  test('reads id and secret from files', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-oauth2-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const [client_id_file, client_secret_file] = [join(directory, 'id'), join(directory, 'secret')]
    writeFileSync(client_id_file, 'id')
    writeFileSync(client_secret_file, 'se:cret')
    const more = { client_id: '', client_secret: '', client_id_file, client_secret_file }
    const { extension, seen } = await client(t, () => [200, { access_token: 'T' }], more)
    await extension.requestHeaders()
    assert.equal(seen[0]?.authorization, BASIC)
  })

  test('expiry_buffer: how long before its end a token is replaced', async (t) => {
    const answer = (_: unknown, times: number): [number, object] => [
      200,
      { access_token: `T${times}`, token_type: 'bearer', expires_in: 3600 },
    ]
    const { extension, skip } = await client(t, answer, { expiry_buffer: '10s' })
    const value = async () => (await extension.requestHeaders())['authorization']
    assert.equal(await value(), 'Bearer T1')
    skip(3_589_999)
    assert.equal(await value(), 'Bearer T1')
    skip(1)
    assert.equal(await value(), 'Bearer T2')
  })

  const lives: [name: string, expires_in: number, kept: number][] = [
    ['the buffer before its end', 3600, 3_299_999],
    ['after half of its time if that is short', 100, 49_999],
  ]
  for (const [name, expires_in, kept] of lives) {
    test(`a token is replaced ${name}`, async (t) => {
      const { extension, skip } = await client(t, (_, times) => [
        200,
        { access_token: `T${times}`, token_type: 'bearer', expires_in },
      ])
      const value = async () => (await extension.requestHeaders())['authorization']
      assert.equal(await value(), 'Bearer T1')
      skip(kept)
      assert.equal(await value(), 'Bearer T1')
      skip(1)
      assert.equal(await value(), 'Bearer T2')
    })
  }

  const faults: [name: string, status: number, body: unknown, message: RegExp][] = [
    ['a refusal', 403, 'nobody knows you', /from token endpoint: 403 nobody knows you/],
    ['an answer without a token', 200, {}, /has no access_token/],
    ['an answer that is no JSON', 200, '<html>', /is no JSON/],
  ]
  for (const [name, status, body, message] of faults) {
    test(`${name} fails the request, and the next asks again`, async (t) => {
      const { extension } = await client(t, (_, times) =>
        times === 1 ? [status, body] : [200, { access_token: 'T' }],
      )
      await assert.rejects(extension.requestHeaders(), message)
      assert.deepEqual(await extension.requestHeaders(), { authorization: 'Bearer T' })
    })
  }

  const SETTINGS = { client_id: 'a', client_secret: 'b', token_url: 'http://x/' }
  const wrong: [change: object, message: RegExp][] = [
    [{ client_id: '' }, /no ClientID provided/],
    [{ client_secret: '' }, /no ClientSecret provided/],
    [{ token_url: '' }, /no TokenURL provided/],
    [{ token_url: 'x' }, /token_url "x" is no URL/],
    [{ grant_type: 'password' }, /grant_type "password" is not supported by weir/],
  ]
  for (const [change, message] of wrong) {
    test(String(message), () => {
      assert.throws(() => oauth2Client.schema.parse({ ...SETTINGS, ...change }), message)
    })
  }

  test('a shutdown without a start', async () => {
    const settings = oauth2Client.schema.parse(SETTINGS)
    await oauth2Client.create(testContext().ctx, settings).shutdown(later())
  })
})
