import { connHead, Direction, datagram } from '../../bpf/events.gen.ts'
import { addressText } from './address.ts'
import type { Wanted } from './outputs.ts'
import type { StreamHost } from './protocol.ts'
import type { Lookups } from './protocols/dns/lookups.ts'
import { parseMessage } from './protocols/dns/parse.ts'
import type { Records } from './records.ts'

export interface DatagramsOptions {
  readonly ports: readonly number[]
  /** Of the kernel's `udp_ports`. */
  readonly memory: ArrayBuffer
  readonly lookups: Lookups
  readonly host: StreamHost
  readonly wanted: Wanted
  /** Records that the kernel could not send so far. */
  readonly lost: () => number
}

/** A record may be written this much later than it says: what is told by others before it has been read by then. */
const WRITTEN_NS = 1e6
/** What waits in the rings while there is more than one drain takes is not older, or was lost. */
const BACKLOG_NS = 3e9
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Reads the datagrams of DNS, as long as spans or metrics are wanted of it: until then the kernel sends none. */
export class Datagrams {
  readonly #options: DatagramsOptions
  /** The two halves of the kernel's map. */
  readonly #peers: Uint8Array
  readonly #own: Uint8Array
  #reads: Reads = 'none'

  constructor(options: DatagramsOptions) {
    this.#options = options
    const half = options.memory.byteLength / 2
    this.#peers = new Uint8Array(options.memory, 0, half)
    this.#own = new Uint8Array(options.memory, half)
  }

  /** A record of `datagram.size` bytes at least. */
  record({ bytes, view }: Records, at: number, length: number): void {
    const { lookups, host } = this.#options
    const from = at + datagram.size
    const captured = Math.min(datagram.captured(view, at), at + length - from)
    const message = parseMessage(bytes.subarray(from, from + captured))
    if (message === undefined) {
      host.count('dns_unread')
      return
    }
    const isOut = datagram.direction(view, at) === Direction.OUT
    const local = addressText(bytes, at + connHead.localAddr)
    const ends = {
      role: isOut === message.isResponse ? 'server' : 'client',
      localAddress: UNSPECIFIED.has(local) ? '' : local,
      localPort: connHead.localPort(view, at),
      peerAddress: addressText(bytes, at + connHead.peerAddr),
      peerPort: connHead.peerPort(view, at),
    } as const
    const [ns, tgid] = [connHead.timeNs(view, at), connHead.tgid(view, at)]
    const seen = { kind: 'message', message, ends, transport: 'udp', connection: 0 } as const
    lookups.hold({ ...seen, ns, tgid }, host)
  }

  /** `isAll`: every record that was written until `nowNs` has been read. */
  settle(nowNs: number, isAll = true): void {
    const { lookups, host, wanted, lost } = this.#options
    const spans = lookups.spans && wanted.traced
    if (spans || wanted.recorder !== undefined) this.#read(spans ? 'all' : 'clients')
    else this.#read('none')
    lookups.settle(nowNs - (isAll ? WRITTEN_NS : BACKLOG_NS), host, lost)
  }

  close(): void {
    this.#options.lookups.close(this.#options.host)
  }

  /** A client's datagrams are known by the port of the peer, a server's by its own; what servers do is not measured. */
  #read(reads: Reads): void {
    if (reads === this.#reads) return
    this.#reads = reads
    this.#peers.fill(0)
    this.#own.fill(0)
    for (const port of this.#options.ports) {
      if (reads !== 'none') setBit(this.#peers, port)
      if (reads === 'all') setBit(this.#own, port)
    }
  }
}

type Reads = 'none' | 'clients' | 'all'

function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
}
