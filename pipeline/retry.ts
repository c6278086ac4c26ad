import { bool, duration, float, type Infer, object } from '../config/fields.ts'
import { RefusedError } from './component.ts'
import { timerMs } from './timer.ts'

const retryFieldsWith = (enabled: boolean, initialMs = 5000) =>
  object({
    enabled: bool().default(enabled).describe('Whether a failed request is tried again.'),
    initial_interval: duration()
      .min(0)
      .default(initialMs)
      .describe('Wait after the first failure.'),
    randomization_factor: float()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Share of a wait that is random, on both sides.'),
    multiplier: float()
      .min(0)
      .default(1.5)
      .describe('By how much each wait is longer than the last.'),
    max_interval: duration().min(0).default(30_000).describe('The longest wait.'),
    max_elapsed_time: duration()
      .min(0)
      .default(300_000)
      .describe('After this time a request is given up; 0 is never.'),
  })
    .check(
      (retry) =>
        retry.max_elapsed_time > 0 &&
        retry.max_elapsed_time < retry.initial_interval &&
        "'max_elapsed_time' must not be less than 'initial_interval'",
      'max_elapsed_time',
    )
    .check(
      (retry) =>
        retry.max_elapsed_time > 0 &&
        retry.max_elapsed_time < retry.max_interval &&
        "'max_elapsed_time' must not be less than 'max_interval'",
      'max_elapsed_time',
    )
    .describe('Exponential waits between attempts; a longer Retry-After of the server wins.')

/** `retry_on_failure` of every exporter that sends over a network. */
export const retryFields = retryFieldsWith(true)

/** The same of one that hands on to others, which try again themselves. */
export const retryFieldsOff = retryFieldsWith(false)

/** The same of one whose backends are soon well again. */
export const retryFieldsSoon = retryFieldsWith(true, 50)

export type RetryConfig = Infer<typeof retryFields>

/** Why a batch was given up. The name under which it is counted is `dropped_` and this. */
export type DropReason = 'permanent_error' | 'retries_exhausted' | 'retry_disabled' | 'shutdown'

/** A batch that will not be sent: `cause` is the last error, which says whether the sender may try again. */
export class GaveUpError extends Error {
  readonly code = 'GAVE_UP'
  readonly reason: DropReason
  constructor(message: string, reason: DropReason, cause: unknown) {
    super(message, { cause })
    this.name = 'GaveUpError'
    this.reason = reason
  }
}

export interface RetryHost {
  /** Milliseconds, monotonic. */
  now(): number
  /** From 0 to 1, for the jitter. */
  random(): number
  onRetry(error: RefusedError, waitMs: number): void
}

/** Tries again what was refused, until it is not, or time is up, or `stop` was called. */
export class Retry {
  readonly #config: RetryConfig
  readonly #host: RetryHost
  readonly #stopped = new AbortController()

  constructor(config: RetryConfig, host: RetryHost) {
    this.#config = config
    this.#host = host
  }

  /** Ends all waits: attempts that run finish, and none follows. */
  stop(): void {
    this.#stopped.abort()
  }

  /** Rejects with `GaveUpError`. */
  async run(attempt: () => Promise<void>): Promise<void> {
    const began = this.#host.now()
    let interval = this.#config.initial_interval
    for (;;) {
      const error = await failureOf(attempt)
      if (error === undefined) return
      if (!(error instanceof RefusedError)) throw gaveUp('permanent_error', error)
      if (!this.#config.enabled) throw gaveUp('retry_disabled', error)
      const waitMs = Math.max(this.#jitter(interval), error.retryAfterMs ?? 0)
      interval = Math.min(interval * this.#config.multiplier, this.#config.max_interval)
      if (this.#stopped.signal.aborted) throw gaveUp('shutdown', error)
      if (this.#isOver(this.#host.now() - began + waitMs)) throw gaveUp('retries_exhausted', error)
      this.#host.onRetry(error, waitMs)
      await this.#wait(waitMs)
      if (this.#stopped.signal.aborted) throw gaveUp('shutdown', error)
    }
  }

  #jitter(interval: number): number {
    const spread = interval * this.#config.randomization_factor
    return interval - spread + this.#host.random() * 2 * spread
  }

  #isOver(elapsedMs: number): boolean {
    return this.#config.max_elapsed_time > 0 && elapsedMs > this.#config.max_elapsed_time
  }

  #wait(ms: number): Promise<void> {
    const { signal } = this.#stopped
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, timerMs(ms))
      signal.addEventListener('abort', done)
    })
  }
}

async function failureOf(attempt: () => Promise<void>): Promise<Error | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const TEXTS: Record<DropReason, string> = {
  permanent_error: 'not retryable error',
  retries_exhausted: 'no more retries left',
  retry_disabled: 'retry_on_failure is off',
  shutdown: 'interrupted due to shutdown',
}

/** `error` is what the last attempt rejected with. */
export const gaveUp = (reason: DropReason, error: Error) =>
  new GaveUpError(`${TEXTS[reason]}: ${error.message}`, reason, error)
