import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CookieJar } from './cookies.ts'

const NOW = Date.UTC(2030, 0, 1)

describe('cookies', () => {
  type Row = [name: string, set: string[], path: string, secure: boolean, sent: string | undefined]
  const rows: Row[] = [
    ['come back', ['AWSALB=a+b/c=; Path=/'], '/v1/traces', false, 'AWSALB=a+b/c='],
    ['of one name: the newest', ['a=1; Path=/', 'a=2; Path=/'], '/', false, 'a=2'],
    ['several: the longest path first', ['a=1; path=/', 'b=2'], '/v1/traces', false, 'b=2; a=1'],
    ['without a path: where they were set', ['a=1'], '/other', false, undefined],
    ['of another path', ['a=1; Path=/v2'], '/v1/traces', false, undefined],
    ['of a path that only begins alike', ['a=1; Path=/v1/tr'], '/v1/traces', false, undefined],
    ['secure ones over TLS', ['a=1; Path=/; Secure'], '/', true, 'a=1'],
    ['secure ones in plain text', ['a=1; Path=/; Secure'], '/', false, undefined],
    ['of a domain above', ['a=1; Path=/; Domain=.shop.example'], '/', false, 'a=1'],
    ['of another domain', ['a=1; Path=/; Domain=example.org'], '/', false, undefined],
    ['that end at once', ['a=1; Path=/', 'a=; Path=/; Max-Age=0'], '/', false, undefined],
    [
      'that have ended',
      ['a=1; Path=/; Expires=Tue, 01 Jan 2019 00:00:00 GMT'],
      '/',
      false,
      undefined,
    ],
    [
      'whose age wins over their end',
      ['a=1; Path=/; Max-Age=60; Expires=Tue, 01 Jan 2019 00:00:00 GMT'],
      '/',
      false,
      'a=1',
    ],
    ['that are none', ['', ';', '=x', 'no value', ' = '], '/', false, undefined],
    ['that are too large', [`a=${'x'.repeat(5000)}; Path=/`], '/', false, undefined],
  ]
  for (const [name, set, path, secure, sent] of rows) {
    test(`${name}: ${sent ?? 'none'}`, () => {
      const jar = new CookieJar('collector.shop.example')
      jar.keep(set, '/v1/traces', NOW)
      assert.equal(jar.header(path, secure, NOW), sent)
    })
  }

  test('end when their time is over, and are never more than fifty', () => {
    const jar = new CookieJar('a')
    jar.keep(['short=1; Path=/; Max-Age=1'], '/', NOW)
    assert.equal(jar.header('/', false, NOW + 999), 'short=1')
    assert.equal(jar.header('/', false, NOW + 1000), undefined)
    jar.keep(
      Array.from({ length: 60 }, (_, i) => `c${i}=; Path=/`),
      '/',
      NOW,
    )
    assert.equal(jar.header('/', false, NOW)?.split('; ').length, 50)
  })
})
