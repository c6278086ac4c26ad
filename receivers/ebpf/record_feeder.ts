import { chunk, Direction, exchange, run } from '../../bpf/events.gen.ts'
import type { ConnectionState } from './connection_state.ts'
import { PairedRecord } from './paired_record.ts'
import type { Chunk, RunProgress } from './protocol.ts'
import { feedAll } from './protocols/rest.ts'
import { type Records, tailOf } from './records.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const EMPTY = Buffer.alloc(0)

/** Gives the runs of a record to the stream of its connection: one at a time, so all share one chunk and one progress. */
export class RecordFeeder {
  readonly #paired = new PairedRecord()
  readonly #chunk: Mutable<Chunk> = {
    direction: 'request',
    position: 0,
    passed: 0,
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

  chunk(state: ConnectionState, from: Records, at: number, length: number): void {
    const incoming = chunk.direction(from.view, at) === Direction.IN
    const direction = incoming === (state.role === 'server') ? 'request' : 'response'
    this.#chunk.passed = chunk.passed(from.view, at)
    this.#run(state, from, at + chunk.run, direction, at + chunk.size, at + length)
  }

  exchange(state: ConnectionState, from: Records, at: number, length: number): void {
    const { stream } = state
    if (stream === undefined) return
    const paired = this.#paired.read(from, at, length, state.tgid)
    if (stream.exchange?.(paired) === true) return
    const { request, response } = paired
    this.#chunk.passed = 0
    this.#run(state, from, at + exchange.request, 'request', request.start, request.end)
    this.#run(state, from, at + exchange.response, 'response', response.start, response.end)
  }

  /** Of an end record and an entry of `conns` alike: their fronts are that of an exchange. */
  progress(
    state: ConnectionState,
    from: Records,
    at: number,
    nowNs: number,
    inOrder: boolean,
  ): void {
    this.#tell(state, from, at + exchange.request, 'request', nowNs, inOrder)
    this.#tell(state, from, at + exchange.response, 'response', nowNs, inOrder)
  }

  /** The run at `at`, whose captured bytes begin at `data` and end before `limit`. */
  #run(
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
    feedAll(state, to)
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
}
