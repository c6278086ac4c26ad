import type { Span } from '../../pipeline/data/traces.ts'
import type { Clock } from './clock.ts'
import type { ConnectionState } from './connection_state.ts'
import type { ProcessBooks } from './costs/process_books.ts'
import type { Counters } from './counters.ts'
import type { ProcessTable } from './discovery/process_table.ts'
import type { Recorder } from './metrics/recorder.ts'
import type { Wanted } from './outputs.ts'
import type { OwnSockets } from './own_sockets.ts'
import type { PendingSpans } from './pending_spans.ts'
import type { EncodedSpans, OpenStream, Positions, StreamHost, Verdict } from './protocol.ts'
import type { Role } from './role.ts'
import type { Service, Services } from './services.ts'
import type { Only } from './signals.ts'
import type { Verdicts } from './verdicts.ts'

/** What streams reach through their host. */
export interface HostOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly books: ProcessBooks
  readonly spans: PendingSpans
  readonly ownSockets: OwnSockets
  readonly services: Services
  readonly processes: Pick<ProcessTable, 'find' | 'movedOtlpTraces'>
  readonly verdicts: Verdicts
  readonly wanted: Wanted
  readonly openStream: OpenStream
}

/** The host of all streams. It knows whose turn it is. */
export class ConnectionHost implements StreamHost {
  current: ConnectionState | undefined
  readonly encoded: EncodedSpans
  readonly #options: HostOptions

  constructor(options: HostOptions) {
    this.#options = options
    const { clock, spans } = options
    this.encoded = {
      begin: () => (this.#isUnwanted() ? undefined : spans.encoded),
      isTraced: () => this.#isTraced(),
      end: (tgid) => {
        spans.added(tgid)
        this.#added(tgid)
      },
      writeTime: (to, tag, ns) => clock.writeTime(to, tag, ns),
    }
  }

  get recorder(): Recorder | undefined {
    return this.#options.wanted.recorder
  }

  emit(span: Span, tgid: number, only?: Only): void {
    if (only === 'metrics' ? this.#isOwnTraffic() : this.#isUnwanted()) return
    if (only !== 'traces') this.recorder?.span(span, tgid, only === undefined)
    if (only === 'metrics' || !this.#isTraced()) return
    this.#options.spans.add(span, tgid)
    this.#added(tgid)
  }

  #isTraced(): boolean {
    const { traced } = this.#options.wanted
    if (!traced) this.count('metrics_only')
    return traced
  }

  #isUnwanted(): boolean {
    const isOwn = this.#isOwnTraffic()
    if (isOwn) this.count('own_traffic')
    return isOwn
  }

  #isOwnTraffic(): boolean {
    return this.current !== undefined && this.#isOwn(this.current)
  }

  #added(tgid: number): void {
    if (this.current !== undefined) this.current.spans++
    this.#options.books.span(tgid)
  }

  count(reason: string, n = 1): void {
    this.countOf(this.current?.tgid ?? 0, reason, n)
  }

  /** The same for a process, whose turn it is not. */
  countOf(tgid: number, reason: string, n = 1): void {
    this.#options.counters.add(reason, n)
    if (tgid !== 0) this.#options.books.count(tgid, reason, n)
  }

  verdict(verdict: Verdict): void {
    const state = this.current
    if (state === undefined) return
    this.#options.verdicts.set(state.id, verdict)
    if (verdict === 'ignore') state.stream = undefined
  }

  become(at: Positions, open = this.#options.openStream, proxied?: string): void {
    const state = this.current
    if (state === undefined) return
    state.begins = at
    state.proxied = proxied ?? state.proxied
    state.adopted = false
    state.protocol = 0
    state.stream = open(state, this)
  }

  serviceOf(tgid: number): Service | undefined {
    const known = this.#options.processes.find(tgid)
    return known === undefined ? undefined : this.#options.services.of(known)
  }

  movedOtlpTraces(tgid: number, role: Role): void {
    this.#options.processes.movedOtlpTraces(tgid, role)
  }

  unixTime(ns: number): readonly [seconds: number, nanoseconds: number] {
    return this.#options.clock.unixTime(ns)
  }

  #isOwn(state: ConnectionState): boolean {
    state.ownPeer ??= this.#options.ownSockets.isPeer(
      state.localAddress,
      state.localPort,
      state.peerAddress,
      state.peerPort,
    )
    return state.ownPeer
  }
}
