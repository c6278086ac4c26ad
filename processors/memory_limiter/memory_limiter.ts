import {
  type Component,
  type Consumer,
  type Context,
  type Info,
  RefusedError,
  type Signal,
} from '../../pipeline/component.ts'
import { ITEMS } from '../../pipeline/observe.ts'

export interface LimiterOptions {
  readonly intervalMs: number
  /** Bytes. */
  readonly limits: { readonly hard: number; readonly soft: number }
  /** Bytes in use now. */
  readonly usage: () => number
}

/**
 * Looks at the memory every interval. Above the soft limit it refuses, so that senders keep their data and
 * try again; the Collector's garbage collection by force is left to Node.
 */
export class MemoryLimiter<T extends { readonly count: number }> implements Component, Consumer<T> {
  readonly #ctx: Context
  readonly #items: string
  readonly #options: LimiterOptions
  readonly #next: Consumer<T>
  #timer: NodeJS.Timeout | undefined
  #refusing = false

  constructor(ctx: Context, signal: Signal, options: LimiterOptions, next: Consumer<T>) {
    this.#ctx = ctx
    this.#items = ITEMS[signal]
    this.#options = options
    this.#next = next
  }

  start(): Promise<void> {
    const { intervalMs, limits } = this.#options
    this.#ctx.log.info('Memory limiter configured', {
      limit_mib: mib(limits.hard),
      spike_limit_mib: mib(limits.hard - limits.soft),
      check_interval: intervalMs / 1000,
    })
    this.#look()
    this.#timer = setInterval(() => this.#look(), intervalMs).unref()
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  async consume(batch: T, info: Info): Promise<void> {
    if (this.#refusing) {
      this.#ctx.count(`memory_limiter_refused_${this.#items}`, batch.count)
      throw new RefusedError('data refused due to high memory usage')
    }
    this.#ctx.count(`memory_limiter_accepted_${this.#items}`, batch.count)
    await this.#next.consume(batch, info)
  }

  #look(): void {
    const usage = this.#options.usage()
    const refusing = usage > this.#options.limits.soft
    if (refusing === this.#refusing) return
    this.#refusing = refusing
    const fields = { cur_mem_mib: mib(usage) }
    if (refusing) this.#ctx.log.warn('Memory usage is above soft limit. Refusing data.', fields)
    else this.#ctx.log.info('Memory usage back within limits. Resuming normal operation.', fields)
  }
}

const mib = (bytes: number): number => Math.round(bytes / (1 << 20))
