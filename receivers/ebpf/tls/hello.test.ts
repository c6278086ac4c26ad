import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Hello, readHello } from './hello.ts'
import {
  alpn,
  chosenVersion,
  clientHello,
  keyShare,
  offeredVersions,
  records,
  serverHello,
  sni,
} from './testing.ts'

const client = (some: Partial<Hello>): Hello => ({
  from: 'client',
  version: '1.2',
  serverName: '',
  protocols: [],
  whole: true,
  ...some,
})
const server = (some: Partial<Hello>): Hello => client({ from: 'server', ...some })

type Case = [name: string, bytes: Buffer, want: Hello | undefined]
const cases: Case[] = [
  ['a client of TLS 1.2', records(clientHello(0x303)), client({})],
  [
    'all that is asked for',
    records(
      clientHello(
        0x303,
        sni('Shop.example'),
        alpn('h2', 'http/1.1'),
        offeredVersions(0x0a0a, 0x304, 0x303),
      ),
    ),
    client({ version: '1.3', serverName: 'shop.example', protocols: ['h2', 'http/1.1'] }),
  ],
  [
    'behind a long key, in several records',
    records(clientHello(0x303, keyShare(1200), sni('a.b')), 100),
    client({ serverName: 'a.b' }),
  ],
  [
    'values that only keep servers tolerant',
    records(clientHello(0x303, alpn('zz', 'h2'))),
    client({ protocols: ['h2'] }),
  ],
  ['a server of TLS 1.2', records(serverHello(0x303, alpn('h2'))), server({ protocols: ['h2'] })],
  [
    'a server of TLS 1.3',
    records(serverHello(0x303, chosenVersion(0x304))),
    server({ version: '1.3' }),
  ],
  [
    'a name that is none',
    records(clientHello(0x303, sni('a b\n'), alpn('h\x002'))),
    client({ serverName: '', protocols: [] }),
  ],
  ['no record of a handshake', Buffer.from('1703030005aabbccddee', 'hex'), undefined],
  ['neither hello', records(Buffer.from('0b000003000000', 'hex')), undefined],
  ['an unknown version', records(clientHello(0x7f1c)), undefined],
  ['an impossible length of a record', Buffer.from('160301ffff01', 'hex'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
]

describe('readHello', () => {
  for (const [name, bytes, want] of cases) {
    test(name, () => assert.deepEqual(readHello(bytes), want))
  }

  test('cut at every byte it is not whole, and says nothing else', () => {
    const hello = clientHello(0x303, sni('shop.example'), alpn('h2', 'http/1.1'), keyShare(40))
    const bytes = records(hello, 90)
    for (let end = 0; end < bytes.length; end++) {
      const found = readHello(bytes.subarray(0, end))
      if (found === undefined) continue
      assert.equal(found.whole, false, `${end}`)
      assert.match(found.serverName, /^(shop\.example)?$/)
      assert.ok(['', 'h2,http/1.1'].includes(found.protocols.join()), `${end}: ${found.protocols}`)
    }
  })

  test('many protocols are cut to eight', () => {
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`)
    assert.equal(readHello(records(clientHello(0x303, alpn(...names))))?.protocols.length, 8)
  })

  /** What programs really sent: see testdata/README.md. */
  const REAL = fileURLToPath(new URL('../../../../receivers/ebpf/tls/testdata/', import.meta.url))
  const said: [program: string, protocols: readonly string[]][] = [
    ['openssl', ['h2', 'http/1.1']],
    ['gnutls', []],
    ['boringssl', ['http/1.1']],
    ['boringssl_as_chrome', ['h2', 'http/1.1']],
    ['rustls', ['h2', 'http/1.1']],
    ['jsse', []],
    ['nss', []],
    ['go', []],
  ]
  for (const [program, protocols] of said) {
    test(`the hello of ${program}`, () => {
      const text = readFileSync(`${REAL}${program}.hex`, 'latin1').replaceAll(/\s/g, '')
      const want = client({ version: '1.3', serverName: 'localhost', protocols })
      assert.deepEqual(readHello(Buffer.from(text, 'hex')), want)
    })
  }
})
