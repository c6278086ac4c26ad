import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConnFlag, EndReason, Protocol } from '../../../bpf/events.gen.ts'
import { ProcessBooks } from '../costs/process_books.ts'
import { Counters } from '../counters.ts'
import type { KnownProcess } from '../discovery/process.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { OwnSockets } from '../own_sockets.ts'
import { recordsIn } from '../records.ts'
import { chunkRecord, endRecord, type HeadFields } from '../testing.ts'
import { handshakeText, TlsSockets } from './sockets.ts'
import {
  alpn,
  chosenVersion,
  clientHello,
  offeredVersions,
  records,
  serverHello,
  sni,
} from './testing.ts'

const ASKS = records(
  clientHello(0x303, sni('shop.example'), alpn('h2', 'http/1.1'), offeredVersions(0x304)),
).toString('latin1')
const ANSWERS = records(serverHello(0x303, chosenVersion(0x304))).toString('latin1')

/** What a recorder was given of a connection. */
type Measured = [metric: string, labels: string, seconds: number, sent: number, received: number]

function setUp(selected = true, max = 64) {
  const counters = new Counters()
  const measured: Measured[] = []
  const recorder = {
    labels: {
      of: ({ duration }: { duration: string }, attributes: readonly { value: unknown }[]) => ({
        duration,
        text: attributes.map(({ value }) => (value as { value: unknown }).value).join(' '),
      }),
    },
    add: (
      { duration, text }: { duration: string; text: string },
      _tgid: number,
      ...[seconds, sent, received]: [number, number, number]
    ) => measured.push([duration, text, seconds, sent, received]),
  } as unknown as Recorder
  const known = { process: { tgid: 1000, exePath: '/x' }, decision: { selected } }
  const sockets = new TlsSockets({
    max,
    counters,
    books: new ProcessBooks(),
    ownSockets: new OwnSockets(),
    processes: { find: () => known as unknown as KnownProcess },
    wanted: { traced: false, recorder },
    libraries: { meet: () => undefined, of: () => 'rustls' },
  })
  const feed = (...all: readonly Buffer[]) => {
    for (const one of all) sockets.record(recordsIn(one), 0, one.length)
  }
  return { sockets, feed, counters, measured }
}

const HEAD: HeadFields = { connId: 1, role: 'CLIENT', protocol: Protocol.TLS }
const hello = (head: HeadFields = HEAD, firstNs = 0) =>
  chunkRecord(head, 'OUT', { data: ASKS, firstNs })
const end = (some: Partial<HeadFields> = {}) =>
  endRecord({ ...HEAD, ...some }, EndReason.CLOSED, { bytes: 3000 })

describe('sockets that carry TLS', () => {
  test('one that nobody read is measured by what its hellos say', () => {
    const { feed, counters, measured } = setUp()
    feed(hello(HEAD, 1e9), chunkRecord(HEAD, 'IN', { data: ANSWERS }), end({ timeNs: 3.5e9 }))
    assert.deepEqual(measured, [
      [
        'weir.tls.client.connection.duration',
        'rustls 1.3 shop.example 50000 h2,http/1.1',
        2.5,
        0,
        3000,
      ],
    ])
    assert.deepEqual([counters.get('tls_ciphertext'), counters.get('tls_unread')], [1, 1])
  })

  test('one whose plaintext a library showed is not', () => {
    const { feed, counters, measured, sockets } = setUp()
    feed(hello(), end({ flags: ConnFlag.SHOWN }))
    assert.deepEqual([measured, counters.get('tls_unread'), sockets.size], [[], 0, 0])
  })

  test('nor is one of a process that is not watched', () => {
    const { feed, counters, measured } = setUp(false)
    feed(hello(), end())
    assert.deepEqual([measured, counters.get('tls_unread')], [[], 0])
  })

  test('a hello comes in pieces of any size', () => {
    const { feed, sockets } = setUp()
    for (const octet of ASKS) feed(chunkRecord(HEAD, 'OUT', { data: octet }))
    for (const octet of ANSWERS) feed(chunkRecord(HEAD, 'IN', { data: octet }))
    const found = sockets.handshakeOf(1)
    assert.ok(found)
    assert.equal(handshakeText(found), 'for shop.example, TLS 1.3, offers h2, http/1.1')
  })

  test('a server has no label that a client could choose', () => {
    const { feed, measured } = setUp()
    const head = { ...HEAD, role: 'SERVER' } as const
    feed(chunkRecord(head, 'IN', { data: ASKS }), end({ role: 'SERVER' }))
    assert.deepEqual(
      measured.map(([metric, labels]) => [metric, labels]),
      [['weir.tls.server.connection.duration', 'rustls']],
    )
  })

  test('without a hello its peer is known by its address', () => {
    const { feed, measured } = setUp()
    feed(chunkRecord(HEAD, 'OUT', { bytes: 40 }), end())
    assert.equal(measured[0]?.[1], 'rustls 10.0.0.2 50000')
  })

  test('keeps to its bound', () => {
    const { feed, sockets } = setUp(true, 8)
    for (let connId = 1; connId <= 100; connId++) feed(hello({ ...HEAD, connId }))
    assert.equal(sockets.size, 8)
  })

  test('nothing of an endless hello is kept', () => {
    const { feed, sockets } = setUp()
    const part = records(clientHello(0x303, alpn(...Array(2000).fill('x'.repeat(30)))))
    for (let at = 0; at < part.length; at += 1000)
      feed(chunkRecord(HEAD, 'OUT', { data: part.toString('latin1', at, at + 1000) }))
    assert.equal(sockets.handshakeOf(1)?.client?.whole, false)
  })
})
