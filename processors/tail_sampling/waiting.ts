import type { TraceBatch } from '../../pipeline/data/batch.ts'

/** A trace that waits for its decision. */
export interface WaitingTrace {
  readonly id: string
  readonly arrivedAt: number
  /** As OTLP bytes: an eighth of what decoded spans take. */
  readonly pieces: readonly TraceBatch[]
  readonly spanCount: number
  readonly bytes: number
}

export interface Waits {
  /** Milliseconds. */
  readonly decision: number
  /** Milliseconds; 0: a root span changes nothing. */
  readonly root: number
}

interface Growing extends WaitingTrace {
  readonly pieces: TraceBatch[]
  spanCount: number
  bytes: number
}

/** Traces by the time of their decision. Every wait is one of two, so order of arrival is order of time. */
export class WaitingTraces {
  readonly #waits: Waits
  readonly #traces = new Map<string, Growing>()
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
    const known = this.#traces.get(id)
    const trace = known ?? { id, arrivedAt: now, pieces: [], spanCount: 0, bytes: 0 }
    if (known === undefined) this.#traces.set(id, trace)
    const bytes = batch.toProtobuf().length
    trace.pieces.push(batch)
    trace.spanCount += batch.count
    trace.bytes += bytes
    this.#bytes += bytes
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
