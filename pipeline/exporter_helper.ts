import { duration } from '../config/fields.ts'
import {
  type Component,
  type Consumer,
  type Context,
  type Info,
  RefusedError,
  type Signal,
} from './component.ts'
import { ITEMS } from './observe.ts'
import { type QueueConfig, SendingQueue, type Sized } from './queue.ts'
import { GaveUpError, Retry, type RetryConfig } from './retry.ts'
import { limitedLog } from './telemetry/limited_log.ts'

/** `timeout` of exporters: for each attempt; 0 is none. */
export const timeoutField = (defaultMs: number) =>
  duration().min(0).default(defaultMs).describe('Longest time of one attempt; 0 is no limit.')

export interface HelperOptions {
  /** Milliseconds for each attempt; 0 is none. */
  readonly timeoutMs: number
  /** Undefined: the sender waits for the result. */
  readonly queue: QueueConfig | undefined
  readonly retry: RetryConfig
  /** From 0 to 1, for the jitter of retries. */
  readonly random?: () => number
}

/** One attempt. Rejects with `RefusedError` if another may do better. `signal` ends it: timeout or shutdown. */
export type Send<T> = (batch: T, signal: AbortSignal) => Promise<void>

/**
 * Puts a queue, retries, a timeout and the Collector's counters around `send`: what every exporter to a
 * network is made of. Counts sent_, send_failed_ and enqueue_failed_ items, and each drop by its reason.
 */
export class ExporterHelper<T extends Sized> implements Component, Consumer<T> {
  readonly #ctx: Context
  readonly #items: string
  readonly #options: HelperOptions
  readonly #send: Send<T>
  readonly #retry: Retry
  readonly #queue: SendingQueue<T> | undefined
  readonly #attempts = new Set<AbortController>()
  readonly #logLimited: ReturnType<typeof limitedLog>

  constructor(ctx: Context, signal: Signal, options: HelperOptions, send: Send<T>) {
    this.#ctx = ctx
    this.#items = ITEMS[signal]
    this.#options = options
    this.#send = send
    this.#logLimited = limitedLog(ctx.now)
    this.#retry = new Retry(options.retry, {
      now: ctx.now,
      random: options.random ?? Math.random,
      onRetry: (error, waitMs) => this.#onRetry(error, waitMs),
    })
    if (options.queue === undefined) return
    const queue = new SendingQueue<T>(
      options.queue,
      (batch) => this.#deliver(batch),
      (batch) => this.#drop('shutdown', batch, NOT_EMPTY),
    )
    this.#queue = queue
    ctx.gauge('queue_size', () => queue.size)
    ctx.gauge('queue_capacity', () => queue.capacity)
    ctx.gauge('in_flight_requests', () => queue.active)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  async consume(batch: T, info: Info): Promise<void> {
    if (batch.count === 0) return
    if (this.#queue === undefined) return this.#sendNow(batch)
    try {
      await this.#queue.offer(batch, info)
    } catch (error) {
      if (error instanceof GaveUpError) throw error.cause
      this.#ctx.count(`enqueue_failed_${this.#items}`, batch.count)
      throw error
    }
  }

  /** Ends all waits for a retry, sends once more what is queued, and at the deadline aborts what still runs. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#retry.stop()
    const abort = () => {
      for (const attempt of this.#attempts)
        attempt.abort(new RefusedError('the deadline of the shutdown'))
    }
    if (deadline.aborted) abort()
    else deadline.addEventListener('abort', abort, { once: true })
    await this.#queue?.drain(deadline)
    deadline.removeEventListener('abort', abort)
  }

  /** Without a queue the sender gets the error, and the batch is its own again. */
  async #sendNow(batch: T): Promise<void> {
    try {
      await this.#retry.run(() => this.#attempt(batch))
    } catch (error) {
      const cause = error instanceof GaveUpError ? error.cause : error
      this.#ctx.count(`send_failed_${this.#items}`, batch.count)
      this.#log('Exporting failed. Rejecting data.', error, { rejected_items: batch.count })
      throw cause
    }
    this.#sent(batch)
  }

  /** From the queue: whoever sent it has gone on, so what fails here is lost. */
  async #deliver(batch: T): Promise<void> {
    try {
      await this.#retry.run(() => this.#attempt(batch))
    } catch (error) {
      this.#drop(error instanceof GaveUpError ? error.reason : 'permanent_error', batch, error)
      throw error
    }
    this.#sent(batch)
  }

  async #attempt(batch: T): Promise<void> {
    const attempt = new AbortController()
    const { timeoutMs } = this.#options
    const timer =
      timeoutMs > 0 && setTimeout(() => attempt.abort(timeoutError(timeoutMs)), timeoutMs)
    this.#attempts.add(attempt)
    try {
      await this.#send(batch, attempt.signal)
    } catch (error) {
      batch.compact() // it may wait long for its next attempt
      throw attempt.signal.aborted ? attempt.signal.reason : error
    } finally {
      if (timer !== false) clearTimeout(timer)
      this.#attempts.delete(attempt)
    }
  }

  #sent(batch: T): void {
    this.#ctx.count(`sent_${this.#items}`, batch.count)
    this.#ctx.status({ kind: 'ok' })
  }

  #drop(reason: string, batch: T, error: unknown): void {
    this.#ctx.count(`send_failed_${this.#items}`, batch.count)
    this.#ctx.count(`dropped_${reason}`, batch.count)
    this.#log('Exporting failed. Dropping data.', error, { dropped_items: batch.count, reason })
    this.#ctx.status({ kind: 'permanent_error', error: asError(error) })
  }

  #onRetry(error: RefusedError, waitMs: number): void {
    const message = 'Exporting failed. Will retry the request after interval.'
    const fields = { error, interval: `${(waitMs / 1000).toFixed(3)}s` }
    this.#logLimited(
      (...line) => this.#ctx.log.info(...line),
      `retry ${error.message}`,
      message,
      fields,
    )
    this.#ctx.status({ kind: 'recoverable_error', error })
  }

  #log(message: string, error: unknown, fields: Record<string, unknown>): void {
    const cause = `${message} ${asError(error).message}`
    this.#logLimited((...line) => this.#ctx.log.error(...line), cause, message, {
      error,
      ...fields,
    })
  }
}

const NOT_EMPTY = new Error('the queue was not empty at the deadline')

const timeoutError = (timeoutMs: number) =>
  new RefusedError(`no answer within ${timeoutMs / 1000}s (timeout)`)

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
