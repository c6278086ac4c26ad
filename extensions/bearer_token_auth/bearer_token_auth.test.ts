import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ValueFile } from '../../pipeline/credentials/value_file.ts'
import { later, testContext } from '../../test/support/context.ts'
import { BearerTokenAuth } from './bearer_token_auth.ts'
import { bearerTokenAuth } from './factory.ts'

const create = (config: object) =>
  new BearerTokenAuth(testContext('bearer').ctx, bearerTokenAuth.schema.parse(config))

describe('bearer_token_auth', () => {
  type Row = [name: string, config: object, header: string, sent: string]
  const rows: Row[] = [
    ['a token', { token: 'abc' }, 'authorization', 'Bearer abc'],
    ['the first of several', { tokens: ['abc', 'def'] }, 'authorization', 'Bearer abc'],
    ['another scheme', { token: 'abc', scheme: 'Token' }, 'authorization', 'Token abc'],
    ['no scheme', { token: 'abc', scheme: '' }, 'authorization', 'abc'],
    ['another header', { token: 'abc', header: 'X-Key', scheme: '' }, 'x-key', 'abc'],
  ]
  for (const [name, config, header, sent] of rows) {
    test(`${name}: clients send it, servers let it in`, async () => {
      const extension = create(config)
      await extension.start()
      assert.deepEqual(await extension.requestHeaders(), { [header]: sent })
      await extension.authenticate(new Map([[header, [sent]]]))
      await assert.rejects(
        extension.authenticate(new Map([[header, [`${sent}x`]]])),
        /provided authorization does not match expected scheme or token/,
      )
      await assert.rejects(
        extension.authenticate(new Map()),
        /missing or empty authorization header/,
      )
    })
  }

  test('servers let in each token of a file', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-tokens-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const filename = join(directory, 'tokens')
    writeFileSync(filename, 'one\ntwo\n')
    const extension = create({ filename, token: 'ignored' })
    await extension.start()
    t.after(() => extension.shutdown())
    for (const token of ['one', 'two']) {
      await extension.authenticate(new Map([['authorization', [`Bearer ${token}`]]]))
    }
    await assert.rejects(
      extension.authenticate(new Map([['authorization', ['Bearer ignored']]])),
      /does not match/,
    )
  })

  test('a file that changes is read anew; one that is gone leaves what there was', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-value-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const name = join(directory, 'value')
    writeFileSync(name, 'one')
    const { ctx, lines } = testContext()
    const file = new ValueFile(name, ctx.log)
    await file.open()
    t.after(() => file.close())
    writeFileSync(name, 'two')
    await file.refresh()
    assert.equal(file.text, 'two')
    rmSync(directory, { recursive: true })
    await file.refresh()
    assert.equal(file.text, 'two')
    assert.match(lines.join(), /cannot be read again; the last content stays/)
  })

  test('a file that is not there stops the start', async () => {
    const extension = create({ filename: '/no/such/file' })
    await assert.rejects(extension.start(), /ENOENT/)
    await bearerTokenAuth
      .create(testContext().ctx, bearerTokenAuth.schema.parse({ token: 'a' }))
      .shutdown(later())
  })

  const faults: [config: object, message: RegExp][] = [
    [{}, /no bearer token provided/],
    [{ token: 'a', tokens: ['b'] }, /either tokens or token should be provided, not both/],
  ]
  for (const [config, message] of faults) {
    test(String(message), () => assert.throws(() => create(config), message))
  }
})
