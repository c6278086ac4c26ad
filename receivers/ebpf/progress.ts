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

/** How often the counter of lost end records is looked at. */
const LOST_ENDS_NS = 1e9

/**
 * Reads the kernel's counters of the connections whose streams wait for the end of a response. When end records were lost, also
 * looks for those that have ended without one.
 */
export class ProgressPoll {
  readonly #conns: BpfMap
  readonly #lostEnds: () => number
  #knownLost = 0
  #lookedNs = 0
  /** Connections that may be over; and those of them that were missed, to be asked about again. */
  #suspects: ConnectionState[] = []
  #missed: ConnectionState[] = []
  readonly #keys = Buffer.alloc(MAX_LOOKUPS * KEY_BYTES)
  readonly #found = Buffer.alloc(MAX_LOOKUPS)
  readonly #values
  readonly #asked: ConnectionState[] = []

  /** `lostEnds`: end records that the kernel could not send so far. */
  constructor(conns: BpfMap, lostEnds: () => number) {
    this.#conns = conns
    this.#lostEnds = lostEnds
    this.#values = recordsIn(Buffer.alloc(MAX_LOOKUPS * conns.info.valueSize))
  }

  run(connections: Connections, nowNs: number): void {
    this.#suspect(connections, nowNs)
    if (connections.awaiting.size + this.#suspects.length + this.#missed.length === 0) return
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

  #suspect(connections: Connections, nowNs: number): void {
    if (nowNs - this.#lookedNs < LOST_ENDS_NS) return
    this.#lookedNs = nowNs
    const lost = this.#lostEnds()
    if (lost > this.#knownLost) this.#suspects = [...connections.states()]
    this.#knownLost = lost
  }

  /** The first ones go behind the others, so that all have their turn. Suspects take what room they leave. */
  #choose(awaiting: Set<ConnectionState>): void {
    this.#asked.length = 0
    for (const state of awaiting) {
      if (this.#asked.length === MAX_LOOKUPS) break
      this.#ask(state)
    }
    const room = MAX_LOOKUPS - this.#asked.length
    if (this.#suspects.length === 0) {
      this.#suspects = this.#missed
      this.#missed = []
    }
    for (const state of this.#suspects.splice(-room, room)) this.#ask(state)
    if (awaiting.size <= MAX_LOOKUPS) return
    for (const state of this.#asked) {
      awaiting.delete(state)
      awaiting.add(state)
    }
  }

  #ask(state: ConnectionState): void {
    const at = this.#asked.length * KEY_BYTES
    this.#keys.writeUInt32LE(state.keyLow, at)
    this.#keys.writeUInt32LE(state.keyHigh, at + 4)
    this.#keys.writeUInt32LE(state.keyTgid, at + 8)
    this.#asked.push(state)
  }

  #tell(
    connections: Connections,
    state: ConnectionState,
    index: number,
    at: number,
    nowNs: number,
  ): void {
    const { view } = this.#values
    const awaits = connections.awaiting.has(state)
    // Another id: the socket's address serves another connection by now.
    if (this.#found[index] !== 1 || connHead.connId(view, at) !== state.id) {
      if (++state.missing >= MISSING_DRAINS) connections.evictedInKernel(state, nowNs)
      else if (!awaits) this.#missed.push(state)
    } else if (awaits) connections.progress(state, this.#values, at, nowNs)
    else state.missing = 0
  }
}
