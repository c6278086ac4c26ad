import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { connHead, Decision, Direction, datagram, RecordType } from '../../bpf/events.gen.ts'
import { addressText } from '../../receivers/ebpf/address.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { full } from '../size.ts'
import { usableFamilies } from './tcp/families.ts'
import { Tap } from './tcp/tap.ts'

const PEER = fileURLToPath(new URL('../../../test/kernel/udp/peer.py', import.meta.url))

/** How a datagram goes each way, to a server whose port is read: see peer.py. */
interface Way {
  readonly family: 'v4' | 'v6' | 'mapped'
  /** Whether the client's socket has a peer. */
  readonly peers: boolean
  readonly ask: string
  readonly take: string
  readonly say: string
  readonly hear: string
}

const CONNECTED: Way = {
  family: 'v4',
  peers: true,
  ask: 'send',
  take: 'recvfrom',
  say: 'sendto',
  hear: 'recv',
}
const UNCONNECTED: Way = { ...CONNECTED, peers: false, ask: 'sendto', hear: 'recvfrom' }

const WAYS: [name: string, way: Way][] = [
  ['send, recvfrom, sendto, recv', CONNECTED],
  ['of IPv6', { ...CONNECTED, family: 'v6' }],
  ['of IPv4 by a socket of IPv6', { ...CONNECTED, family: 'mapped' }],
  [
    'write, recvmsg, sendmsg of two parts, read',
    { ...CONNECTED, ask: 'write', take: 'recvmsg', say: 'sendmsg', hear: 'read' },
  ],
  [
    'writev of two parts, peek, readv of two parts',
    { ...CONNECTED, ask: 'writev', take: 'peek', hear: 'readv' },
  ],
  ['sendmmsg and recvmmsg', { ...CONNECTED, ask: 'sendmmsg', hear: 'recvmmsg' }],
  ['without a peer', UNCONNECTED],
  ['without a peer, of IPv6', { ...UNCONNECTED, family: 'v6', ask: 'sendmsg', hear: 'recvmsg' }],
  ['without a peer, of IPv4 by a socket of IPv6', { ...UNCONNECTED, family: 'mapped' }],
  ['without a peer, and the sender not asked for', { ...UNCONNECTED, hear: 'recv' }],
]
const TEXTS = ['what is the address of a', 'and of b'.repeat(200)]
/** Captured by default. */
const CAPTURED = 1024
const ADDRESSES = { v4: '127.0.0.1', v6: '::1', mapped: '127.0.0.1' }

interface Ports {
  readonly server: number
  readonly client: number
}

interface Seen {
  readonly from: number
  readonly to: number
  readonly at: 'client' | 'server'
  readonly bytes: number
  readonly text: string
  readonly peer: string
}

const decoder = new TextDecoder()

/** What a record says, if it is of a datagram between these two; a socket of the client or of the server has moved it. */
function readSeen(view: DataView, { server, client }: Ports): Seen[] {
  if (connHead.type(view, 0) !== RecordType.DATAGRAM) return []
  const [local, peer] = [connHead.localPort(view, 0), connHead.peerPort(view, 0)]
  if (![local, peer].includes(server) || ![local, peer].includes(client)) return []
  const isOut = datagram.direction(view, 0) === Direction.OUT
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return [
    {
      from: isOut ? local : peer,
      to: isOut ? peer : local,
      at: local === client ? 'client' : 'server',
      bytes: datagram.bytes(view, 0),
      text: decoder.decode(
        bytes.subarray(datagram.size, datagram.size + datagram.captured(view, 0)),
      ),
      peer: addressText(bytes, connHead.peerAddr),
    },
  ]
}

/** By the time at which each was moved. */
const inOrder = (views: DataView[]) =>
  views.sort((a, b) => connHead.timeNs(a, 0) - connHead.timeNs(b, 0))

function ways(family: HookFamily): void {
  let tap: Tap
  let child: ChildProcess
  let lines: Interface
  const ask = async (line: string) => {
    const answer = once(lines, 'line')
    child.stdin?.write(`${line}\n`)
    return JSON.parse(String((await answer)[0])) as unknown
  }
  /** Plays a way, with the server's port read or not. */
  const play = async (way: Way, read: boolean): Promise<{ ports: Ports; heard: unknown }> => {
    const ports = (await ask(JSON.stringify({ ...way, texts: TEXTS }))) as Ports
    const bits = new Uint8Array(tap.object.map('udp_ports').memory()).fill(0)
    for (const half of read ? [0, bits.length / 2] : []) {
      bits[half + (ports.server >> 3)] = 1 << (ports.server & 7)
    }
    tap.views()
    return { ports, heard: await ask('') }
  }

  before(() => {
    tap = new Tap(family)
    child = spawn('python3', [PEER], { stdio: ['pipe', 'pipe', 'inherit'] })
    assert.ok(child.stdout !== null)
    lines = createInterface(child.stdout)
  })
  after(async () => {
    tap.close()
    const ended = once(child, 'exit')
    child.stdin?.end()
    await ended
  })

  for (const [name, way] of WAYS) {
    test(name, async () => {
      const { ports, heard } = await play(way, true)
      assert.deepEqual(
        heard,
        TEXTS.map((text) => text.toUpperCase()),
      )
      const seen = inOrder(tap.views()).flatMap((view) => readSeen(view, ports))
      const { server, client } = ports
      const peer = ADDRESSES[way.family]
      const want = (at: 'client' | 'server', from: number, to: number, texts: readonly string[]) =>
        texts.map((text) => {
          const captured = text.slice(0, CAPTURED)
          return { from, to, at, bytes: text.length, text: captured, peer }
        })
      const answers = TEXTS.map((text) => text.toUpperCase())
      assert.deepEqual(
        seen.filter(({ at }) => at === 'client'),
        [...want('client', client, server, TEXTS), ...want('client', server, client, answers)],
      )
      assert.deepEqual(
        seen.filter(({ at }) => at === 'server'),
        [...want('server', client, server, TEXTS), ...want('server', server, client, answers)],
      )
    })
  }

  test('a port that is not read', async () => {
    const { ports } = await play(CONNECTED, false)
    assert.deepEqual(
      tap.views().flatMap((view) => readSeen(view, ports)),
      [],
    )
  })

  test('a process that is not watched', async () => {
    tap.decide(child.pid ?? 0, Decision.REJECTED)
    const { ports } = await play(UNCONNECTED, true)
    assert.deepEqual(
      tap.views().flatMap((view) => readSeen(view, ports)),
      [],
    )
  })
}

/** In guests, where loading a family takes long, the small form plays the one that `auto` takes. */
const families = full ? usableFamilies() : usableFamilies().slice(0, 1)

for (const family of families) {
  describe(`datagrams by ${family}`, () => ways(family))
}
