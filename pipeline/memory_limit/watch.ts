import { type Context, RefusedError } from '../component.ts'
import { timerMs } from '../timer.ts'
import type { GcInterval } from './collector.ts'

export interface WatchOptions {
  readonly intervalMs: number
  /** Bytes. */
  readonly limits: { readonly hard: number; readonly soft: number }
  readonly soft: GcInterval
  readonly hard: GcInterval
  /** Resident bytes now. */
  readonly usage: () => number
  readonly collect: () => void
}

/** How old the number may be by which a request is let in: reading it costs some 10 us. */
const FRESH_MS = 50
const LEAST_RETRY_MS = 1000

/**
 * Looks at the memory every interval. Above the soft limit it collects garbage, not too often, and if that does not help
 * data is refused until a look finds less. One for all pipelines of a configured limiter: memory is the process's.
 */
export class MemoryWatch {
  readonly #ctx: Context
  readonly #options: WatchOptions
  #users = 0
  #timer: NodeJS.Timeout | undefined
  #refusing = false
  #collectedAt = Number.NEGATIVE_INFINITY
  #usage = 0
  #usageAt = Number.NEGATIVE_INFINITY

  constructor(ctx: Context, options: WatchOptions) {
    this.#ctx = ctx
    this.#options = options
  }

  /** Whether the last look found too much, and collecting did not help. */
  get refusing(): boolean {
    return this.#refusing
  }

  /** For the first of its users. */
  start(): void {
    this.#users += 1
    if (this.#users > 1) return
    const { intervalMs, limits } = this.#options
    this.#ctx.log.info('Memory limiter configured', {
      limit_mib: mib(limits.hard),
      spike_limit_mib: mib(limits.hard - limits.soft),
      check_interval: intervalMs / 1000,
    })
    this.look()
    this.#timer = setInterval(() => this.look(), timerMs(intervalMs)).unref()
  }

  /** For the last of its users. */
  stop(): void {
    this.#users -= 1
    if (this.#users === 0) clearInterval(this.#timer)
  }

  /** What to answer to a request that would make it `bytes` more, before they are read. */
  refusal(bytes: number): RefusedError | undefined {
    const { limits } = this.#options
    if (!this.#refusing && this.#recentUsage() + bytes <= limits.soft) return undefined
    return this.refused()
  }

  refused(): RefusedError {
    const retryAfterMs = Math.max(LEAST_RETRY_MS, this.#options.intervalMs)
    return new RefusedError('data refused due to high memory usage', { retryAfterMs })
  }

  look(): void {
    const { limits, soft, hard } = this.#options
    let usage = this.#read()
    if (usage <= limits.soft) {
      soft.reset()
      hard.reset()
    } else if (usage > limits.hard) usage = this.#relieve(usage, hard, 'hard')
    else usage = this.#relieve(usage, soft, 'soft')
    this.#refuse(usage > limits.soft, usage)
  }

  /** Collects, unless it was done a short while ago. Returns the usage after that. */
  #relieve(before: number, interval: GcInterval, limit: 'soft' | 'hard'): number {
    if (this.#ctx.now() - this.#collectedAt <= interval.ms) return before
    const say = limit === 'hard' ? this.#ctx.log.warn : this.#ctx.log.info
    say(`Memory usage is above ${limit} limit. Forcing a GC.`, { cur_mem_mib: mib(before) })
    this.#options.collect()
    this.#collectedAt = this.#ctx.now()
    const after = this.#read()
    interval.collected(before, after)
    this.#ctx.log.info('Memory usage after GC.', { cur_mem_mib: mib(after) })
    return after
  }

  #refuse(refusing: boolean, usage: number): void {
    if (refusing === this.#refusing) return
    this.#refusing = refusing
    const fields = { cur_mem_mib: mib(usage) }
    if (refusing) {
      this.#ctx.log.warn('Memory usage is above soft limit. Refusing data.', fields)
      this.#ctx.status({ kind: 'recoverable_error', error: this.refused() })
    } else {
      this.#ctx.log.info('Memory usage back within limits. Resuming normal operation.', fields)
      this.#ctx.status({ kind: 'ok' })
    }
  }

  #recentUsage(): number {
    return this.#ctx.now() - this.#usageAt <= FRESH_MS ? this.#usage : this.#read()
  }

  #read(): number {
    this.#usage = this.#options.usage()
    this.#usageAt = this.#ctx.now()
    return this.#usage
  }
}

const mib = (bytes: number): number => Math.round(bytes / (1 << 20))
