import type {
  Admission,
  Component,
  Consumer,
  Context,
  Info,
  RefusedError,
  Signal,
} from '../../pipeline/component.ts'
import type { MemoryWatch } from '../../pipeline/memory_limit/watch.ts'
import { ITEMS } from '../../pipeline/observe.ts'

/** Refuses what is sent, and what a receiver is about to read, while memory is short. */
export class MemoryLimiter<T extends { readonly count: number }>
  implements Component, Consumer<T>, Admission
{
  readonly #ctx: Context
  readonly #accepted: string
  readonly #refused: string
  readonly #watch: MemoryWatch
  readonly #next: Consumer<T>
  #started = false

  constructor(ctx: Context, signal: Signal, watch: MemoryWatch, next: Consumer<T>) {
    this.#ctx = ctx
    this.#accepted = `memory_limiter_accepted_${ITEMS[signal]}`
    this.#refused = `memory_limiter_refused_${ITEMS[signal]}`
    this.#watch = watch
    this.#next = next
  }

  start(): Promise<void> {
    if (!this.#started) this.#watch.start()
    this.#started = true
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    if (this.#started) this.#watch.stop()
    this.#started = false
    return Promise.resolve()
  }

  refusal(bytes: number): RefusedError | undefined {
    return this.#watch.refusal(bytes)
  }

  consume(batch: T, info: Info): Promise<void> {
    if (this.#watch.refusing) {
      this.#ctx.count(this.#refused, batch.count)
      return Promise.reject(this.#watch.refused())
    }
    this.#ctx.count(this.#accepted, batch.count)
    return this.#next.consume(batch, info)
  }
}
