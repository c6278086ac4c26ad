import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Extension } from '../../pipeline/component.ts'
import type { ClientAuthenticator, ServerAuthenticator } from '../../pipeline/net/auth.ts'
import { later, testContext } from '../../test/support/context.ts'
import { basicAuth } from './factory.ts'

const create = (config: object) =>
  basicAuth.create(testContext('basic_auth').ctx, basicAuth.schema.parse(config)) as Extension &
    ServerAuthenticator &
    ClientAuthenticator

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** Of `pass`, as htpasswd(1) and openssl(1) wrote them. */
const HASHES: [kind: string, hash: string][] = [
  ['bcrypt', '$2y$05$E9Iu5.D5vU8CtkdwWQImOuLlJjcvaDjMIPhvZO8A4pgCdvwWp16Sy'],
  ['MD5 of Apache', '$apr1$aHyjeyum$vuWrxQsaT5Bnn2GUCNTiw/'],
  ['MD5 of crypt', '$1$xyz$E2BtqrT11oQN8kmxYoxsp1'],
  ['SHA-1', '{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ='],
  ['SHA-1 with salt', '{SSHA}EfVjnyJSUVXLC0NXPuQhKDjHjYdzYWx0'],
  ['plain', 'pass'],
]

describe('basic_auth of servers', () => {
  for (const [kind, hash] of HASHES) {
    test(`${kind}: the right password, and a wrong one`, async () => {
      const extension = create({ htpasswd: { inline: `u:${hash}` } })
      await extension.start()
      const send = (text: string) => extension.authenticate(new Map([['authorization', [text]]]))
      await send(basic('u:pass'))
      await send(basic('u:pass'))
      await assert.rejects(send(basic('u:Pass')), /invalid credentials/)
      await assert.rejects(send(basic('v:pass')), /invalid credentials/)
    })
  }

  const refused: [name: string, header: string | undefined, message: RegExp][] = [
    ['no header', undefined, /no basic auth provided/],
    ['another scheme', 'Bearer x', /invalid authorization scheme prefix/],
    ['no colon', basic('u'), /invalid authorization format/],
  ]
  for (const [name, header, message] of refused) {
    test(name, async () => {
      const extension = create({ htpasswd: { inline: 'u:p' } })
      await extension.start()
      const headers = new Map(header === undefined ? [] : [['authorization', [header]] as const])
      await assert.rejects(extension.authenticate(headers), message)
    })
  }

  test('what is written here wins over the file', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-htpasswd-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'users')
    writeFileSync(file, '# users\na:one\nb:two')
    const extension = create({ htpasswd: { file, inline: 'a:three' } })
    await extension.start()
    const send = (text: string) =>
      extension.authenticate(new Map([['authorization', [basic(text)]]]))
    await send('b:two')
    await send('a:three')
    await assert.rejects(send('a:one'), /invalid credentials/)
  })

  const faults: [name: string, inline: string, message: RegExp][] = [
    [
      'a hash that cannot be checked',
      'u:$6$salt$hash',
      /user u: hashes that begin with \$6\$ are not supported/,
    ],
    ['a line without a password', 'u', /line 2 is no user:password/],
  ]
  for (const [name, inline, message] of faults) {
    test(`${name} stops the start`, async () => {
      await assert.rejects(create({ htpasswd: { inline } }).start(), message)
    })
  }
})

const REQUEST = { headers: {}, client: undefined }

describe('basic_auth of clients', () => {
  test('sends user and password', async () => {
    const extension = create({ client_auth: { username: 'u', password: 'p' } })
    await extension.start()
    assert.deepEqual(await extension.requestHeaders(REQUEST), { authorization: basic('u:p') })
    await extension.shutdown(later())
  })

  test('reads user and password from files', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-password-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const password_file = join(directory, 'password')
    writeFileSync(password_file, 'secret\n')
    const username_file = join(directory, 'username')
    writeFileSync(username_file, 'ann')
    const extension = create({ client_auth: { username_file, password_file } })
    await extension.start()
    t.after(() => extension.shutdown(later()))
    assert.deepEqual(await extension.requestHeaders(REQUEST), {
      authorization: basic('ann:secret'),
    })
  })
})

describe('settings', () => {
  const rows: [config: object, message: RegExp][] = [
    [{}, /no credential source provided/],
    [{ htpasswd: {}, client_auth: {} }, /only one of `htpasswd` or `client_auth` can be specified/],
  ]
  for (const [config, message] of rows) {
    test(String(message), () => assert.throws(() => basicAuth.schema.parse(config), message))
  }
})
