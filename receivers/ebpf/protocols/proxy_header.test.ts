import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HTTP1_DEFAULTS } from './http1/protocol.ts'
import { proxyHeader } from './proxy_header.ts'
import { openStreams, PROTOCOL_DEFAULTS } from './table.ts'
import { play } from './testing/chunk_play.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const V4 = `${SIGNATURE}2111000cc0000201c6336401dc0401bb`
const V6 = `${SIGNATURE}21210024${'20010db8000000000000000000000001'.repeat(2)}dc0401bb`
const hex = (text: string) => Buffer.from(text, 'hex')
const text = (line: string) => Buffer.from(line, 'latin1')

type Row = [name: string, bytes: Buffer, bytesOfHeader: number | undefined, client?: string]
const ROWS: Row[] = [
  ['text, IPv4', text('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET'), 45, '192.0.2.1'],
  ['text, IPv6', text('PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n'), 46, '2001:db8::1'],
  ['text, nobody known', text('PROXY UNKNOWN\r\n'), 15],
  ['text, nobody known but named', text('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'), 35],
  ['text, cut short', text('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443'), undefined],
  ['text, another family', text('PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n'), undefined],
  ['bytes, IPv4', hex(`${V4}4745`), 28, '192.0.2.1'],
  ['bytes, IPv6', hex(V6), 52, '2001:db8::1'],
  ['bytes, the proxy itself', hex(`${SIGNATURE}20000000`), 16],
  ['bytes, a socket of UNIX', hex(`${SIGNATURE}21310004${'00'.repeat(4)}`), 20],
  ['bytes, cut short', hex(V4.slice(0, -2)), undefined],
  ['bytes, of no version', hex(`${SIGNATURE}3111000c${'00'.repeat(12)}`), undefined],
  ['a request', text('PROXY / HTTP/1.1\r\nHost: a\r\n\r\n'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
]

describe('PROXY protocol', () => {
  for (const [name, bytes, length, client] of ROWS) {
    test(name, () => {
      const want = length === undefined ? undefined : { bytes: length, client }
      assert.deepEqual(proxyHeader(bytes), want)
    })
  }

  const REQUEST = text('GET /a HTTP/1.1\r\nHost: shop\r\n\r\n')
  const ANSWER = text('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  const played = (trustForwarded: boolean, ...said: Buffer[]) => {
    const open = openStreams({
      ...PROTOCOL_DEFAULTS,
      http1: { ...HTTP1_DEFAULTS, trustForwarded },
    })
    const requests = said.map((bytes) => ['request', bytes] as const)
    return play(open, [...requests, ['response', ANSWER]])
  }
  const clientOf = ({ spans }: ReturnType<typeof played>) =>
    spans.map(({ attributes }) => {
      const found = attributes.find(({ key }) => key === 'client.address')?.value
      return found !== undefined && 'value' in found ? found.value : undefined
    })

  for (const [name, header] of [
    ['text', text('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n')],
    ['bytes', hex(V4)],
  ] as const) {
    test(`${name}: what comes behind is read, and the client is believed only if asked for`, () => {
      for (const said of [[header, REQUEST], [Buffer.concat([header, REQUEST])]]) {
        assert.deepEqual(clientOf(played(false, ...said)), ['10.0.0.2'])
        assert.deepEqual(clientOf(played(true, ...said)), ['192.0.2.1'])
        assert.equal(played(false, ...said).counts['proxy_header'], 1)
      }
    })
  }
})
