import { connHead } from '../../bpf/events.gen.ts'
import type { BpfMap } from '../../native/bpf_map.ts'
import type { ConnectionState } from './connection_state.ts'
import type { Connections } from './connections.ts'
import { recordsIn } from './records.ts'

/** Look-ups of one drain, about 1 us each; who comes late waits for the next drain. */
const MAX_LOOKUPS = 512
const KEY_BYTES = 16
/** Drains after which a connection without entry has left the kernel's table: its end record would have come. */
const MISSING_DRAINS = 3

/** Reads the kernel's counters of the connections whose streams wait for the end of a response. */
export class ProgressPoll {
  readonly #conns: BpfMap
  readonly #keys = Buffer.alloc(MAX_LOOKUPS * KEY_BYTES)
  readonly #found = Buffer.alloc(MAX_LOOKUPS)
  readonly #values
  readonly #asked: ConnectionState[] = []

  constructor(conns: BpfMap) {
    this.#conns = conns
    this.#values = recordsIn(Buffer.alloc(MAX_LOOKUPS * conns.info.valueSize))
  }

  run(connections: Connections, nowNs: number): void {
    if (connections.awaiting.size === 0) return
    this.#choose(connections.awaiting)
    const count = this.#asked.length
    const { valueSize } = this.#conns.info
    this.#conns.lookupMany(
      this.#keys.subarray(0, count * KEY_BYTES),
      this.#values.bytes.subarray(0, count * valueSize),
      this.#found.subarray(0, count),
    )
    for (const [i, state] of this.#asked.entries()) {
      this.#tell(connections, state, i, i * valueSize, nowNs)
    }
  }

  /** The first ones go behind the others, so that all have their turn. */
  #choose(awaiting: Set<ConnectionState>): void {
    this.#asked.length = 0
    for (const state of awaiting) {
      if (this.#asked.length === MAX_LOOKUPS) break
      const at = this.#asked.length * KEY_BYTES
      this.#keys.writeUInt32LE(state.keyLow, at)
      this.#keys.writeUInt32LE(state.keyHigh, at + 4)
      this.#keys.writeUInt32LE(state.keyTgid, at + 8)
      this.#asked.push(state)
    }
    if (awaiting.size <= MAX_LOOKUPS) return
    for (const state of this.#asked) {
      awaiting.delete(state)
      awaiting.add(state)
    }
  }

  #tell(
    connections: Connections,
    state: ConnectionState,
    index: number,
    at: number,
    nowNs: number,
  ): void {
    const { view } = this.#values
    // Another id: the socket's address serves another connection by now.
    if (this.#found[index] === 1 && connHead.connId(view, at) === state.id) {
      connections.progress(state, this.#values, at, nowNs)
    } else if (++state.missing >= MISSING_DRAINS) connections.evictedInKernel(state, nowNs)
  }
}
