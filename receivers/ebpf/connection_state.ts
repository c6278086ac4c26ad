import type { Connection, Stream } from './protocol.ts'

/** What the receiver keeps of one connection. The protocol sees it as its Connection, which learns the peer late when TLS does. */
export interface ConnectionState extends Connection {
  role: 'server' | 'client'
  localAddress: string
  localPort: number
  peerAddress: string
  peerPort: number
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
  /** Drains at which its entry in `conns` was missed. */
  missing: number
}

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
