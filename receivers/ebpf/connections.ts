import {
  ConnRole,
  chunk,
  connHead,
  datagram,
  EndReason as EndReasonId,
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
  isShown,
  learnAddresses,
} from './connection_state.ts'
import type { EndReason } from './protocol.ts'
import { RecordFeeder } from './record_feeder.ts'
import { type Records, recordsIn } from './records.ts'
import { TlsSockets, type TlsSocketsOptions } from './tls/sockets.ts'
import { UnknownRoles } from './unknown_roles.ts'

/** What `Connections` needs of the receiver. */
export interface ConnectionsOptions extends HostOptions, Pick<TlsSocketsOptions, 'libraries'> {
  readonly max: number
  /** Records of datagrams, which are of no connection. */
  readonly onDatagram?: (from: Records, at: number, length: number) => void
}

/** RESPONSE is not among them: the exchange is over, the connection goes on. */
const END_REASONS: Readonly<Record<number, EndReason>> = {
  [EndReasonId.IN]: 'in',
  [EndReasonId.OUT]: 'out',
  [EndReasonId.CLOSED]: 'closed',
  [EndReasonId.RESET]: 'reset',
  [EndReasonId.EVICTED]: 'evicted',
}
/** The connection, not only a direction or an exchange of it. */
const isOver = (reason: EndReason | undefined): boolean =>
  reason !== undefined && reason !== 'in' && reason !== 'out'

/** How far the stream of a run's direction has come. */
const reach = (view: DataView, at: number): number => run.position(view, at) + run.bytes(view, at)

/** The least that a record of a connection has, by its type. */
const RECORD_BYTES: Readonly<Record<number, number>> = {
  [RecordType.CHUNK]: chunk.size,
  [RecordType.EXCHANGE]: exchange.size,
  [RecordType.END]: end.size,
}

/**
 * Gives each record to the stream of its connection. Streams are called one at a time, so they share one host.
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
  readonly #feeder = new RecordFeeder()
  /** Those whose bytes are ciphertext. */
  readonly tls: TlsSockets

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#host = new ConnectionHost(options)
    this.tls = new TlsSockets(options)
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
      this.#onOther(type, from, at, length)
      return
    }
    const state = this.#stateOf(from, at, length, type)
    if (state !== undefined) this.#feed(state, from, at, length)
    if (type === RecordType.END) this.#book(state, from, at)
  }

  /** What a connection that is over has moved, and whether it gave spans. */
  #book(state: ConnectionState | undefined, { view }: Records, at: number): void {
    if (!isOver(END_REASONS[end.reason(view, at)]) || isShown(view, at)) return
    const tgid = connHead.tgid(view, at)
    const bytes = reach(view, at + end.request) + reach(view, at + end.response)
    this.#options.books.ended(tgid, bytes, (state?.spans ?? 0) > 0)
  }

  #onOther(type: number, from: Records, at: number, length: number): void {
    const { onDatagram, counters } = this.#options
    if (onDatagram !== undefined && type === RecordType.DATAGRAM && length >= datagram.size) {
      onDatagram(from, at, length)
    } else counters.add('record_invalid')
  }

  /** Counters as `conns` has them: the entry begins at `at`. */
  progress(state: ConnectionState, from: Records, at: number, nowNs: number): void {
    this.#host.current = state
    this.#feeder.progress(state, from, at, nowNs, false)
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
    const ciphertext = isCiphertext(from.view, at)
    if (ciphertext) this.tls.record(from, at, length)
    if (known !== undefined) {
      this.#follow(known, from, at)
      return ciphertext && type !== RecordType.END ? undefined : known
    }
    if (ciphertext) return undefined
    if (type === RecordType.END) {
      this.#unknownRoles.forget(id)
      return undefined
    }
    return this.#meet(from, at, length)
  }

  #follow(state: ConnectionState, { bytes, view }: Records, at: number): void {
    const sequence = connHead.sequence(view, at)
    if (sequence > state.sequence)
      this.#host.countOf(state.tgid, 'record_lost', sequence - state.sequence)
    state.sequence = sequence + 1
    state.missing = 0
    if (state.protocol === 0) state.protocol = connHead.protocol(view, at)
    if (!state.addressed) learnAddresses(state, bytes, view, at)
  }

  /** The first record of a connection. */
  #meet(from: Records, at: number, length: number): ConnectionState | undefined {
    const { view } = from
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
    if (type === RecordType.CHUNK) this.#feeder.chunk(state, from, at, length)
    else if (type === RecordType.EXCHANGE) this.#onExchange(state, from, at, length)
    else this.#onEnd(state, from, at)
    this.#note(state)
  }

  #note(state: ConnectionState): void {
    const awaits = state.stream?.awaitsProgress === true
    if (awaits === state.awaits) return
    state.awaits = awaits
    if (awaits) this.awaiting.add(state)
    else this.awaiting.delete(state)
  }

  #onExchange(state: ConnectionState, from: Records, at: number, length: number): void {
    this.pairedInKernel++
    this.#feeder.exchange(state, from, at, length)
  }

  #onEnd(state: ConnectionState, from: Records, at: number): void {
    const ns = connHead.timeNs(from.view, at)
    const reason = END_REASONS[end.reason(from.view, at)]
    if (!isCiphertext(from.view, at)) this.#feeder.progress(state, from, at, ns, true)
    if (reason === undefined) return
    state.stream?.end(reason, ns)
    if (isOver(reason)) this.#drop(state)
  }

  #onEvicted(state: ConnectionState): void {
    this.#host.countOf(state.tgid, 'connection_evicted')
    const current = this.#host.current
    this.evictedInKernel(state, this.#options.clock.nowNs())
    this.#host.current = current
  }

  #drop(state: ConnectionState): void {
    state.stream = undefined
    this.#note(state)
    this.#table.delete(state.id)
  }
}
