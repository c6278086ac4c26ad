import {
  ConnRole,
  chunk,
  connHead,
  Direction,
  end,
  exchange,
  RecordType,
  run,
} from '../../bpf/events.gen.ts'
import { ConnectionHost, type HostOptions } from './connection_host.ts'
import {
  type ConnectionState,
  ConnectionTable,
  connectionState,
  isCiphertext,
  learnAddresses,
} from './connection_state.ts'
import type { Chunk, EndReason, OpenStream, RunProgress } from './protocol.ts'
import { type Records, recordsIn, tailOf } from './records.ts'
import { UnknownRoles } from './unknown_roles.ts'

/** What `Connections` needs of the receiver. */
export interface ConnectionsOptions extends HostOptions {
  readonly max: number
  readonly openStream: OpenStream
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const EMPTY = Buffer.alloc(0)
/** enum end_reason; 1 is not among them: the exchange is over, the connection goes on. */
const END_REASONS: readonly (EndReason | undefined)[] = [
  undefined,
  undefined,
  'in',
  'out',
  'closed',
  'reset',
  'evicted',
]
const RECORD_BYTES: readonly number[] = [Infinity, chunk.size, exchange.size, end.size]

/**
 * Gives each record to the stream of its connection. Streams are called one at a time, so they share one host, one chunk
 * and one progress.
 */
export class Connections {
  readonly #options: ConnectionsOptions
  readonly #table: ConnectionTable
  readonly #unknownRoles = new UnknownRoles()
  /** Those whose streams wait for the end of a response. */
  readonly awaiting = new Set<ConnectionState>()
  /** Exchanges that the kernel paired: one record each. */
  pairedInKernel = 0
  /** All that came through the rings. */
  records = 0
  readonly #host: ConnectionHost
  readonly #chunk: Mutable<Chunk> = {
    direction: 'request',
    position: 0,
    bytes: 0,
    data: EMPTY,
    tail: EMPTY,
    firstNs: 0,
    lastNs: 0,
    tgid: 0,
  }
  readonly #progress: Mutable<RunProgress> = {
    direction: 'request',
    position: 0,
    bytes: 0,
    lastNs: 0,
    tail: EMPTY,
    inOrder: false,
  }

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#host = new ConnectionHost(options)
    this.#table = new ConnectionTable(options.max, (state) => this.#onEvicted(state))
  }

  get size(): number {
    return this.#table.size
  }

  /** Of an open connection; undefined if it is not followed. */
  spansOf(id: number): number | undefined {
    return this.#table.peek(id)?.spans
  }

  /** All that are followed now. */
  states(): IterableIterator<ConnectionState> {
    return this.#table.values()
  }

  /** One record of a connection: `length` bytes at `at`. */
  record(from: Records, at: number, length: number): void {
    this.records++
    const type = length < connHead.size ? 0 : connHead.type(from.view, at)
    if (length < (RECORD_BYTES[type] ?? Infinity)) {
      this.#options.counters.add('record_invalid')
      return
    }
    const state = this.#stateOf(from, at, length, type)
    if (state !== undefined) this.#feed(state, from, at, length)
  }

  /** Counters as `conns` has them: the entry begins at `at`. */
  progress(state: ConnectionState, from: Records, at: number, nowNs: number): void {
    this.#host.current = state
    this.#onProgress(state, from, at, nowNs, false)
    this.#note(state)
  }

  /** Its entry has left `conns`, and no end record came. */
  evictedInKernel(state: ConnectionState, nowNs: number): void {
    this.#host.current = state
    state.stream?.end('evicted', nowNs)
    this.#drop(state)
  }

  /** Ends all streams, as the agent does: what is complete but for its end leaves. */
  close(): void {
    const nowNs = this.#options.clock.nowNs()
    for (const state of this.awaiting) this.evictedInKernel(state, nowNs)
  }

  /** Undefined when nothing can be done with the record now: ciphertext, an unknown role, the end of a stranger. */
  #stateOf(from: Records, at: number, length: number, type: number): ConnectionState | undefined {
    const id = connHead.connId(from.view, at)
    const known = this.#table.get(id)
    if (known !== undefined) {
      this.#follow(known, from, at)
      return known
    }
    if (type === RecordType.END) {
      this.#unknownRoles.forget(id)
      return undefined
    }
    return this.#meet(from, at, length)
  }

  #follow(state: ConnectionState, { bytes, view }: Records, at: number): void {
    const sequence = connHead.sequence(view, at)
    if (sequence > state.sequence) this.#host.count('record_lost', sequence - state.sequence)
    state.sequence = sequence + 1
    state.missing = 0
    if (!state.addressed) learnAddresses(state, bytes, view, at)
  }

  /** The first record of a connection. */
  #meet(from: Records, at: number, length: number): ConnectionState | undefined {
    const { view } = from
    if (isCiphertext(view, at)) {
      this.#host.count('tls_ciphertext')
      return undefined
    }
    let role = connHead.role(view, at)
    const known = role !== ConnRole.UNKNOWN
    if (!known) role = this.#unknownRoles.hold(from, at, length)
    if (role === ConnRole.UNKNOWN) return undefined
    const held = this.#unknownRoles.take(connHead.connId(view, at))
    const state = this.#open(from, at, role, held.length > 0)
    for (const bytes of held) this.#feed(state, recordsIn(bytes), 0, bytes.length)
    return known ? state : undefined // else the record was among those held
  }

  #open({ bytes, view }: Records, at: number, role: number, held: boolean): ConnectionState {
    const state = connectionState(bytes, view, at, role === ConnRole.SERVER ? 'server' : 'client')
    // Records before this one are gone: what comes next may be the middle of something.
    if (state.sequence > 1 && !held) state.adopted = true
    this.#host.current = state
    state.stream = this.#options.openStream(state, this.#host)
    this.#table.add(state)
    return state
  }

  #feed(state: ConnectionState, from: Records, at: number, length: number): void {
    const type = connHead.type(from.view, at)
    this.#host.current = state
    state.tgid = connHead.tgid(from.view, at)
    if (type === RecordType.CHUNK) this.#onChunk(state, from, at, length)
    else if (type === RecordType.EXCHANGE) this.#onExchange(state, from, at, length)
    else this.#onEnd(state, from, at)
    this.#note(state)
  }

  #note(state: ConnectionState): void {
    if (state.stream?.awaitsProgress === true) this.awaiting.add(state)
    else this.awaiting.delete(state)
  }

  #onChunk(state: ConnectionState, from: Records, at: number, length: number): void {
    const incoming = chunk.direction(from.view, at) === Direction.IN
    const direction = incoming === (state.role === 'server') ? 'request' : 'response'
    this.#onRun(state, from, at + chunk.run, direction, at + chunk.size, at + length)
  }

  #onExchange(state: ConnectionState, from: Records, at: number, length: number): void {
    this.pairedInKernel++
    const data = at + exchange.size
    const limit = at + length
    const response = Math.min(data + run.captured(from.view, at + exchange.request), limit)
    this.#onRun(state, from, at + exchange.request, 'request', data, response)
    this.#onRun(state, from, at + exchange.response, 'response', response, limit)
  }

  /** The run at `at`, whose captured bytes begin at `data` and end before `limit`. */
  #onRun(
    state: ConnectionState,
    from: Records,
    at: number,
    direction: Chunk['direction'],
    data: number,
    limit: number,
  ): void {
    const { bytes, view } = from
    const to = this.#chunk
    to.bytes = run.bytes(view, at)
    if (to.bytes === 0) return
    to.direction = direction
    to.position = run.position(view, at)
    to.data = bytes.subarray(data, Math.min(data + run.captured(view, at), limit))
    to.tail = tailOf(from, at)
    to.firstNs = run.firstNs(view, at)
    to.lastNs = run.lastNs(view, at)
    to.tgid = state.tgid
    state.stream?.chunk(to)
  }

  #onEnd(state: ConnectionState, from: Records, at: number): void {
    const ns = connHead.timeNs(from.view, at)
    const reason = END_REASONS[end.reason(from.view, at)]
    this.#onProgress(state, from, at, ns, true)
    if (reason === undefined) return
    state.stream?.end(reason, ns)
    if (reason !== 'in' && reason !== 'out') this.#drop(state)
  }

  /** Of an end record and an entry of `conns` alike: their fronts are that of an exchange. */
  #onProgress(
    state: ConnectionState,
    from: Records,
    at: number,
    ns: number,
    inOrder: boolean,
  ): void {
    this.#tell(state, from, at + exchange.request, 'request', ns, inOrder)
    this.#tell(state, from, at + exchange.response, 'response', ns, inOrder)
  }

  #tell(
    state: ConnectionState,
    from: Records,
    at: number,
    direction: Chunk['direction'],
    nowNs: number,
    inOrder: boolean,
  ): void {
    const to = this.#progress
    to.bytes = run.bytes(from.view, at)
    if (to.bytes === 0) return
    to.direction = direction
    to.position = run.position(from.view, at)
    to.lastNs = run.lastNs(from.view, at)
    to.tail = tailOf(from, at)
    to.inOrder = inOrder
    state.stream?.progress(to, nowNs)
  }

  #onEvicted(state: ConnectionState): void {
    this.#host.count('connection_evicted')
    const current = this.#host.current
    this.evictedInKernel(state, this.#options.clock.nowNs())
    this.#host.current = current
  }

  #drop(state: ConnectionState): void {
    state.stream = undefined
    this.awaiting.delete(state)
    this.#table.delete(state.id)
  }
}
