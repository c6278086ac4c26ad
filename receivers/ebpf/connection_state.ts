import { ConnFlag, connHead, Protocol } from '../../bpf/events.gen.ts'
import { addressText } from './address.ts'
import type { Connection, Positions, Stream } from './protocol.ts'

/** What the receiver keeps of one connection. The protocol sees it as its Connection, which learns the peer late when TLS does. */
export interface ConnectionState extends Connection {
  readonly role: 'server' | 'client'
  protocol: number
  adopted: boolean
  localAddress: string
  localPort: number
  peerAddress: string
  peerPort: number
  begins: Positions | undefined
  proxied: string | undefined
  /** Undefined: nothing more is wanted of this connection. */
  stream: Stream | undefined
  /** Of the next record; a higher one means that records were lost. */
  sequence: number
  /** Who moved its bytes last. */
  tgid: number
  /** The key of its entry in `conns`, as three words. */
  readonly keyLow: number
  readonly keyHigh: number
  readonly keyTgid: number
  /** Addresses are known. */
  addressed: boolean
  /** Undefined until somebody asked. */
  ownPeer: boolean | undefined
  /** Used since the last sweep for room. */
  used: boolean
  /** That it has given. */
  spans: number
  /** Its stream waits for the end of a response. */
  awaits: boolean
  /** Drains at which its entry in `conns` was missed. */
  missing: number
}

/** A new connection, from the head of its first record. */
export function connectionState(
  bytes: Buffer,
  view: DataView,
  at: number,
  role: 'server' | 'client',
): ConnectionState {
  const key = at + connHead.key
  const flags = connHead.flags(view, at)
  const state: ConnectionState = {
    id: connHead.connId(view, at),
    role,
    tls: (flags & ConnFlag.TLS) !== 0,
    protocol: connHead.protocol(view, at),
    adopted: (flags & ConnFlag.ADOPTED) !== 0,
    localAddress: '',
    localPort: 0,
    peerAddress: '',
    peerPort: 0,
    begins: undefined,
    proxied: undefined,
    stream: undefined,
    sequence: connHead.sequence(view, at) + 1,
    tgid: connHead.tgid(view, at),
    keyLow: view.getUint32(key, true),
    keyHigh: view.getUint32(key + 4, true),
    keyTgid: view.getUint32(key + 8, true),
    addressed: false,
    ownPeer: undefined,
    used: false,
    spans: 0,
    awaits: false,
    missing: 0,
  }
  learnAddresses(state, bytes, view, at)
  return state
}

/** Takes the addresses from a record, if it has them. */
export function learnAddresses(
  state: ConnectionState,
  bytes: Buffer,
  view: DataView,
  at: number,
): void {
  if ((connHead.flags(view, at) & ConnFlag.NO_ADDRESS) !== 0) return
  state.localAddress = addressText(bytes, at + connHead.localAddr)
  state.localPort = connHead.localPort(view, at)
  state.peerAddress = addressText(bytes, at + connHead.peerAddr)
  state.peerPort = connHead.peerPort(view, at)
  state.addressed = true
}

/** TLS as TCP carries it: its plaintext, if a library is probed, is a connection of its own. */
export const isCiphertext = (view: DataView, at: number): boolean =>
  connHead.protocol(view, at) === Protocol.TLS && (connHead.flags(view, at) & ConnFlag.TLS) === 0

/** Ciphertext whose plaintext a library has shown: that is a connection of its own. */
export const isShown = (view: DataView, at: number): boolean =>
  (connHead.flags(view, at) & ConnFlag.SHOWN) !== 0

/**
 * Connections by id, at most `max`. When it is full, the oldest one goes that was not used since it was last
 * looked at: second chance, so a busy connection costs one write per record and no list is reordered.
 */
export class ConnectionTable {
  readonly #byId = new Map<number, ConnectionState>()
  readonly #max: number
  readonly #evicted: (state: ConnectionState) => void

  constructor(max: number, evicted: (state: ConnectionState) => void) {
    this.#max = max
    this.#evicted = evicted
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: number): ConnectionState | undefined {
    const state = this.#byId.get(id)
    if (state !== undefined) state.used = true
    return state
  }

  /** As `get`, for who only looks. */
  peek(id: number): ConnectionState | undefined {
    return this.#byId.get(id)
  }

  add(state: ConnectionState): void {
    if (this.#byId.size >= this.#max) this.#evictOne()
    this.#byId.set(state.id, state)
  }

  delete(id: number): void {
    this.#byId.delete(id)
  }

  values(): IterableIterator<ConnectionState> {
    return this.#byId.values()
  }

  #evictOne(): void {
    for (const [id, state] of this.#byId) {
      this.#byId.delete(id)
      if (!state.used) {
        this.#evicted(state)
        return
      }
      // Behind all others: the loop comes to it again, and finds it unused, if it must.
      state.used = false
      this.#byId.set(id, state)
    }
  }
}
