import assert from 'node:assert/strict'
import { readHello } from '../../receivers/ebpf/tls/hello.ts'
import {
  alpn,
  chosenVersion,
  clientHello,
  keyShare,
  offeredVersions,
  records,
  serverHello,
  sni,
} from '../../receivers/ebpf/tls/testing.ts'
import { mutate, type Random } from './random.ts'

const HELLOS = [
  clientHello(0x303, sni('shop.example'), alpn('h2', 'http/1.1'), offeredVersions(0x304, 0x303)),
  clientHello(0x301, keyShare(1184), sni('a.b')),
  serverHello(0x303, chosenVersion(0x304)),
  serverHello(0x303, alpn('h2')),
] as const

/** Whatever a peer sends, what is read of it can be a label: short, printable, bounded in number. */
export function fuzzTlsHello(from: Random): void {
  const bytes = mutate(from, records(from.pick(HELLOS), from.pick([1 << 14, 50, 3])))
  const found = readHello(bytes)
  if (found === undefined) return
  assert.match(found.serverName, /^[\w.-]{0,253}$/)
  assert.match(found.version, /^(1\.[0-3]|3\.0)$/)
  assert.ok(found.protocols.length <= 8)
  for (const protocol of found.protocols) assert.match(protocol, /^[!-~]{1,32}$/)
}
