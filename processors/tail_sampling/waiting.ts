import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import { NO_LOSS } from '../../pipeline/data/segment.ts'

/** From here on a buffer grows by more than it needs, so that a long trace is not copied for each of its spans. */
const LONG_BYTES = 16 << 10

/** A trace that waits for its decision. */
export interface WaitingTrace {
  readonly id: string
  readonly arrivedAt: number
  readonly spanCount: number
  readonly bytes: number
  /** Of its resources with their spans, without tag and length of each. */
  readonly bodyBytes: number
  /** All its spans, in the order in which they came. */
  batch(): TraceBatch
}

export interface Waits {
  /** Milliseconds. */
  readonly decision: number
  /** Milliseconds; 0: a root span changes nothing. */
  readonly root: number
}

/** Spans as OTLP bytes in one piece: an eighth of what decoded ones take, and a quarter of as many pieces. */
class GrowingTrace implements WaitingTrace {
  readonly id: string
  readonly arrivedAt: number
  spanCount = 0
  bytes = 0
  bodyBytes = 0
  #buffer = Buffer.alloc(0)

  constructor(id: string, arrivedAt: number) {
    this.id = id
    this.arrivedAt = arrivedAt
  }

  /** Requests of OTLP one after the other are one request. */
  add(batch: TraceBatch): number {
    const more = batch.toProtobuf()
    const length = this.bytes + more.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(length > LONG_BYTES ? length * 2 : length)
      this.#buffer.copy(grown, 0, 0, this.bytes)
      this.#buffer = grown
    }
    this.#buffer.set(more, this.bytes)
    this.bytes = length
    this.spanCount += batch.count
    for (const segment of batch.segments) this.bodyBytes += segment.body()?.length ?? 0
    return more.length
  }

  batch(): TraceBatch {
    const scanned = scanRequest(tracesCodec, this.#buffer.subarray(0, this.bytes), NO_LOSS)
    if (scanned.kind !== 'batch') throw new Error('what waited is no request any more')
    return scanned.batch
  }
}

/** Traces by the time of their decision. Every wait is one of two, so order of arrival is order of time. */
export class WaitingTraces {
  readonly #waits: Waits
  readonly #traces = new Map<string, GrowingTrace>()
  /** Of those with a root span, until when. */
  readonly #rooted = new Map<string, number>()
  #bytes = 0

  constructor(waits: Waits) {
    this.#waits = waits
  }

  get size(): number {
    return this.#traces.size
  }

  get bytes(): number {
    return this.#bytes
  }

  has(id: string): boolean {
    return this.#traces.has(id)
  }

  /** Gives the trace as it is with these spans too. */
  add(id: string, batch: TraceBatch, hasRoot: boolean, now: number): WaitingTrace {
    let trace = this.#traces.get(id)
    if (trace === undefined) {
      trace = new GrowingTrace(id, now)
      this.#traces.set(id, trace)
    }
    this.#bytes += trace.add(batch)
    if (hasRoot) this.#root(trace, now)
    return trace
  }

  #root({ id, arrivedAt }: WaitingTrace, now: number): void {
    const { root, decision } = this.#waits
    if (root === 0 || this.#rooted.has(id)) return
    if (now + root < arrivedAt + decision) this.#rooted.set(id, now + root)
  }

  take(id: string): WaitingTrace | undefined {
    const trace = this.#traces.get(id)
    this.#traces.delete(id)
    this.#rooted.delete(id)
    this.#bytes -= trace?.bytes ?? 0
    return trace
  }

  takeOldest(): WaitingTrace | undefined {
    const [oldest] = this.#traces.keys()
    return oldest === undefined ? undefined : this.take(oldest)
  }

  /** Those whose time has come, in its order. */
  *takeDue(now: number): Generator<WaitingTrace> {
    for (const [id, until] of this.#rooted) {
      if (until > now) break
      const trace = this.take(id)
      if (trace !== undefined) yield trace
    }
    for (const [id, { arrivedAt }] of this.#traces) {
      if (arrivedAt + this.#waits.decision > now) break
      const trace = this.take(id)
      if (trace !== undefined) yield trace
    }
  }
}
