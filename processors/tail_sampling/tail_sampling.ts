import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { TailConfig } from './config.ts'
import { Decisions } from './decisions.ts'
import { byTrace, type Piece } from './divide.ts'
import { DECISION_LABELS, Judge } from './judge.ts'
import { Outlet } from './outlet.ts'
import type { Decision, TraceView } from './policy.ts'
import { type WaitingTrace, WaitingTraces } from './waiting.ts'

const MIN_TICK_MS = 50
const MAX_TICK_MS = 1000
const TICKS_PER_WAIT = 10

/** Keeps the spans of a trace until its time has come, and lets the policies decide on all of them together. */
export class TailSampling implements Component, Consumer<TraceBatch> {
  readonly #ctx: Context
  readonly #config: TailConfig
  readonly #judge: Judge
  readonly #outlet: Outlet
  readonly #waiting: WaitingTraces
  readonly #decisions: Decisions
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined
  /** Senders that wait for room. */
  #room = Promise.withResolvers<void>()
  #ended = false

  constructor(ctx: Context, config: TailConfig, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#judge = new Judge(ctx, config)
    this.#outlet = new Outlet(ctx, next)
    const { decision_wait, decision_wait_after_root_received, decision_cache } = config
    const waits = { decision: decision_wait, root: decision_wait_after_root_received }
    this.#waiting = new WaitingTraces(waits)
    this.#decisions = new Decisions(
      decision_cache.sampled_cache_size,
      decision_cache.non_sampled_cache_size,
    )
    const shortest = Math.min(decision_wait, waits.root || decision_wait)
    this.#tickMs = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, shortest / TICKS_PER_WAIT))
    ctx.gauge('tail_sampling_sampling_traces_on_memory', () => this.#known())
    ctx.gauge('tail_sampling_waiting_bytes', () => this.#waiting.bytes)
  }

  start(): Promise<void> {
    const { expected_new_traces_per_sec, num_shards } = this.#config
    warnUnused(this.#ctx.log, { expected_new_traces_per_sec, num_shards: num_shards > 1 })
    return Promise.resolve()
  }

  /** Resolves once the spans are kept, or if their trace is decided already, sent on. */
  async consume(batch: TraceBatch): Promise<void> {
    for (const piece of byTrace(batch)) {
      if (this.#isLate(piece)) continue
      await this.#makeRoom(piece)
      this.#add(piece)
    }
    if (this.#ended) this.#finish()
    else this.#judge.report()
    await this.#outlet.flush()
  }

  /** Decides what waits, unless it is to be dropped; what has not left at `deadline` is lost, and counted. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#freeRoom()
    this.#finish()
    await this.#outlet.end(deadline)
  }

  /** Nobody comes back to what waits at the end. */
  #finish(): void {
    for (;;) {
      const trace = this.#waiting.takeOldest()
      if (trace === undefined) break
      if (!this.#config.drop_pending_traces_on_shutdown) this.#decide(trace)
      else this.#ctx.count('dropped_shutdown', trace.spanCount)
    }
    this.#judge.report()
  }

  #known(): number {
    return this.#waiting.size + this.#decisions.recent
  }

  #isFull(id: string): boolean {
    const isNew = !this.#waiting.has(id)
    const { num_traces, max_bytes } = this.#config
    return (isNew && this.#known() >= num_traces) || this.#waiting.bytes >= max_bytes
  }

  #isLate({ id, batch }: Piece): boolean {
    const decided = this.#decisions.find(id)
    if (decided === undefined) return false
    if (decided.sampled) this.#outlet.add(batch)
    if (decided.cached) {
      const labels = { sampled: String(decided.sampled) }
      this.#ctx.count('tail_sampling_early_releases_from_cache_decision', batch.count, labels)
    } else {
      const age = Math.trunc((this.#ctx.now() - decided.at) / 1000)
      this.#ctx.measure('tail_sampling_sampling_late_span_age', age)
    }
    return true
  }

  /** Old decisions go first, then old traces, undecided; or the sender waits for a decision. */
  async #makeRoom({ id }: Piece): Promise<void> {
    while (this.#isFull(id) && !this.#ended) {
      if (this.#known() >= this.#config.num_traces && this.#decisions.forgetOldest()) continue
      if (!this.#config.block_on_overflow) {
        if (!this.#evictOldest()) return
      } else {
        this.#arm()
        await this.#room.promise
      }
    }
  }

  #evictOldest(): boolean {
    const oldest = this.#waiting.takeOldest()
    if (oldest === undefined) return false
    this.#ctx.count('tail_sampling_sampling_trace_dropped_too_early', 1)
    this.#ctx.count('dropped_too_early', oldest.spanCount)
    this.#removed(oldest)
    return true
  }

  #add(piece: Piece): void {
    const now = this.#ctx.now()
    const { id, batch, hasRoot } = piece
    if (!this.#waiting.has(id)) this.#ctx.count('tail_sampling_new_trace_id_received', 1)
    batch.compact()
    const trace = this.#waiting.add(id, batch, hasRoot, now)
    if (this.#isTooLarge(trace)) this.#giveUp(trace)
    else if (this.#config.sampling_strategy === 'span-ingest') this.#decideEarly(trace, batch)
    this.#arm()
  }

  /** The Collector does not count tag and length of each piece. */
  #isTooLarge({ bodyBytes }: WaitingTrace): boolean {
    const { maximum_trace_size_bytes: limit } = this.#config
    return limit > 0 && bodyBytes > limit
  }

  #giveUp({ id, spanCount }: WaitingTrace): void {
    this.#waiting.take(id)
    this.#ctx.count('tail_sampling_traces_dropped_too_large', 1)
    this.#ctx.count('dropped_too_large', spanCount)
    this.#decisions.put(id, false, this.#ctx.now())
  }

  #decideEarly(trace: WaitingTrace, batch: TraceBatch): void {
    const decision = this.#judge.decideEarly(this.#view(trace, batch))
    if (decision === undefined) return
    this.#waiting.take(trace.id)
    this.#settle(trace, trace.batch(), decision)
  }

  #arm(): void {
    if (this.#ended || this.#waiting.size === 0) return
    this.#timer ??= setTimeout(() => this.#tick(), this.#tickMs)
  }

  #tick(): void {
    this.#timer = undefined
    const began = performance.now()
    for (const trace of this.#waiting.takeDue(this.#ctx.now())) this.#decide(trace)
    this.#judge.report()
    const took = Math.round(performance.now() - began)
    this.#ctx.measure('tail_sampling_sampling_decision_timer_latency', took)
    this.#freeRoom()
    void this.#outlet.flush()
    this.#arm()
  }

  #freeRoom(): void {
    this.#room.resolve()
    this.#room = Promise.withResolvers<void>()
  }

  #decide(trace: WaitingTrace): void {
    const isEarly = this.#config.sampling_strategy === 'span-ingest'
    const batch = trace.batch()
    const decision = isEarly ? 'not_sampled' : this.#judge.decide(this.#view(trace, batch))
    this.#settle(trace, batch, decision)
  }

  #settle(trace: WaitingTrace, batch: TraceBatch, decision: Decision): void {
    this.#ctx.count('tail_sampling_global_count_traces_sampled', 1, DECISION_LABELS[decision])
    this.#decisions.put(trace.id, decision === 'sampled', this.#ctx.now())
    if (decision === 'sampled') this.#outlet.add(batch)
    this.#removed(trace)
  }

  #removed({ arrivedAt }: WaitingTrace): void {
    const age = Math.trunc((this.#ctx.now() - arrivedAt) / 1000)
    this.#ctx.measure('tail_sampling_sampling_trace_removal_age', age)
  }

  #view({ id, spanCount, bytes }: WaitingTrace, batch: TraceBatch): TraceView {
    return {
      id: id.padStart(32, '0'),
      spanCount,
      bytes,
      now: this.#ctx.now(),
      get resources() {
        return batch.resources()
      },
    }
  }
}
