import { duration } from '../config/fields.ts'
import {
  type ClientInfo,
  type Component,
  type Consumer,
  type Context,
  type Info,
  RefusedError,
  type Signal,
} from './component.ts'
import { AttemptTimeoutError, failureLabels } from './failure_labels.ts'
import { ITEMS } from './observe.ts'
import { type Queue, type QueueConfig, SendingQueue, type Sized } from './queue.ts'
import { isUnsent } from './queue_batch.ts'
import { PersistentQueue } from './queue_persistent.ts'
import { batchOf } from './queue_record.ts'
import { GaveUpError, Retry, type RetryConfig } from './retry.ts'
import { type Damage, type StorageClient, storageOf } from './storage.ts'
import { limitedLog } from './telemetry/limited_log.ts'
import { timerMs } from './timer.ts'

/** `timeout` of exporters: for each attempt; 0 is none. */
export const timeoutField = (defaultMs: number) =>
  duration()
    .check((ms) => ms < 0 && "'timeout' must be non-negative")
    .default(defaultMs)
    .describe('Longest time of one attempt; 0 is no limit.')

export interface HelperOptions {
  /** Milliseconds for each attempt; 0 is none. */
  readonly timeoutMs: number
  /** Undefined: the sender waits for the result. */
  readonly queue: QueueConfig | undefined
  readonly retry: RetryConfig
  /** Of a queue on disk; left out, it is the extension that the queue names. */
  readonly openStorage?: () => Promise<StorageClient>
  /** From 0 to 1, for the jitter of retries. */
  readonly random?: () => number
}

/** Of an exporter with the Collector's usual settings. */
export const helperOptions = (config: {
  readonly timeout: number
  readonly sending_queue: QueueConfig | undefined
  readonly retry_on_failure: RetryConfig
}): HelperOptions => ({
  timeoutMs: config.timeout,
  queue: config.sending_queue,
  retry: config.retry_on_failure,
})

/** Where an exporter sends to. */
export interface Destination<T> {
  /** Before the first `send`. */
  open?(): Promise<void>
  /**
   * One attempt. Rejects with `RefusedError` if another may do better. `signal` ends it: timeout or shutdown. `client` is who
   * sent the batch, if that is one alone.
   */
  send(batch: T, signal: AbortSignal, client?: ClientInfo): Promise<void>
  /** After the last `send`, by `deadline`. */
  close?(deadline: AbortSignal): void | Promise<void>
}

/**
 * Puts a queue, retries, a timeout and the Collector's counters around a destination: what every exporter to a
 * network is made of. Counts sent_, send_failed_ and enqueue_failed_ items, and each drop by its reason.
 */
export class ExporterHelper<T extends Sized> implements Component, Consumer<T> {
  readonly #ctx: Context
  readonly #items: string
  readonly #signal: Signal
  readonly #options: HelperOptions
  readonly #destination: Destination<T>
  #isOpen = false
  readonly #retry: Retry
  readonly #queue: Queue<T> | undefined
  readonly #attempts = new Set<AbortController>()
  #deadline: AbortSignal | undefined
  readonly #texts: { readonly rejected: string; readonly dropped: string }
  readonly #logLimited: ReturnType<typeof limitedLog>

  constructor(ctx: Context, signal: Signal, options: HelperOptions, destination: Destination<T>) {
    this.#ctx = ctx
    this.#items = ITEMS[signal]
    this.#signal = signal
    this.#options = options
    this.#destination = destination
    this.#texts = textsOf(options)
    this.#logLimited = limitedLog(ctx.now)
    this.#retry = new Retry(options.retry, {
      now: ctx.now,
      random: options.random ?? Math.random,
      onRetry: (error, waitMs) => this.#onRetry(error, waitMs),
    })
    const queue = this.#queueOf(signal, queueFor(signal, options.queue))
    if (queue === undefined) return
    this.#queue = queue
    ctx.gauge('queue_size', () => queue.size)
    ctx.gauge('queue_capacity', () => queue.capacity)
    ctx.gauge('in_flight_requests', () => queue.active)
  }

  /** Opens the destination and the storage of the queue, if it has one, and sends what is there from before. */
  async start(): Promise<void> {
    await this.#destination.open?.()
    this.#isOpen = true
    await this.#queue?.start()
    const { size = 0 } = this.#queue ?? {}
    if (size > 0) this.#ctx.log.info('The sending queue has batches from before.', { size })
  }

  async consume(batch: T, info: Info): Promise<void> {
    if (batch.count === 0) return
    if (this.#queue === undefined) return this.#sendNow(batch, info.client)
    this.#ctx.measure('enqueue_size', batch.count)
    this.#ctx.measure('enqueue_size_bytes', () => batch.toProtobuf().length)
    try {
      await this.#queue.offer(batch, info)
    } catch (error) {
      if (error instanceof GaveUpError) throw error.cause
      this.#ctx.count(`enqueue_failed_${this.#items}`, batch.count)
      this.#log(this.#texts.rejected, error, { rejected_items: batch.count })
      this.#ctx.status({ kind: 'recoverable_error', error: asError(error) })
      throw error
    }
  }

  /** Ends all waits for a retry, sends once more what is queued, and at the deadline aborts what still runs. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    this.#retry.stop()
    this.#deadline = deadline
    const abort = () => {
      for (const attempt of this.#attempts) attempt.abort(atDeadline())
    }
    if (deadline.aborted) abort()
    else deadline.addEventListener('abort', abort, { once: true })
    await this.#queue?.drain(deadline)
    deadline.removeEventListener('abort', abort)
    const { size = 0 } = this.#queue ?? {}
    if (size > 0)
      this.#ctx.log.info('The sending queue keeps batches for the next start.', { size })
    if (this.#isOpen) await this.#destination.close?.(deadline)
    this.#isOpen = false
  }

  #queueOf(signal: Signal, config: QueueConfig | undefined): Queue<T> | undefined {
    if (config === undefined) return undefined
    if (config.storage !== '') return this.#persistentQueue(signal, config)
    return new SendingQueue<T>(
      config,
      (batch, client) => this.#deliver(batch, client),
      (batch) => this.#drop('shutdown', batch, NOT_EMPTY),
    )
  }

  #persistentQueue(signal: Signal, config: QueueConfig): Queue<T> {
    const { id } = this.#ctx
    const ofExtension = () =>
      storageOf(this.#ctx, config.storage).storage({ kind: 'exporter', id, name: signal })
    return new PersistentQueue<T>(config, {
      open: this.#options.openStorage ?? ofExtension,
      decode: (bytes) => batchOf(signal, bytes) as T | undefined,
      send: (batch, client) => this.#deliver(batch, client),
      onDamage: (damage) => this.#damaged(damage),
      onFault: (what, error) =>
        this.#log(`The sending queue could not ${what}. Trying again.`, error, {}),
    })
  }

  /** Without a queue the sender gets the error, and the batch is its own again. */
  async #sendNow(batch: T, client: ClientInfo | undefined): Promise<void> {
    try {
      await this.#tryAll(batch, client)
    } catch (error) {
      const cause = error instanceof GaveUpError ? error.cause : error
      this.#failed(batch, error)
      this.#log(this.#texts.rejected, error, { rejected_items: batch.count })
      throw cause
    }
    this.#sent(batch)
  }

  /** From the queue: whoever sent it has gone on, so what fails here is lost. */
  async #deliver(batch: T, client: ClientInfo | undefined): Promise<void> {
    this.#ctx.measure('queue_batch_send_size', batch.count)
    this.#ctx.measure('queue_batch_send_size_bytes', () => batch.toProtobuf().length)
    try {
      await this.#tryAll(batch, client)
    } catch (error) {
      if (!isUnsent(error) || this.#options.queue?.storage === '') {
        this.#drop(error instanceof GaveUpError ? error.reason : 'permanent_error', batch, error)
      }
      throw error
    }
    this.#sent(batch)
  }

  /** All attempts for one batch, which are one own span. */
  async #tryAll(batch: T, client: ClientInfo | undefined): Promise<void> {
    const span = this.#ctx.startSpan(`exporter/${this.#ctx.id}/${this.#signal}`)
    try {
      await this.#retry.run(() => this.#attempt(batch, client))
      span?.end({ 'items.sent': batch.count, 'items.failed': 0 })
    } catch (error) {
      span?.end({ 'items.sent': 0, 'items.failed': batch.count }, error)
      throw error
    }
  }

  async #attempt(batch: T, client: ClientInfo | undefined): Promise<void> {
    if (this.#deadline?.aborted) throw atDeadline()
    const attempt = new AbortController()
    const { timeoutMs } = this.#options
    const timer =
      timeoutMs > 0 &&
      setTimeout(() => attempt.abort(new AttemptTimeoutError(timeoutMs)), timerMs(timeoutMs))
    this.#attempts.add(attempt)
    try {
      await this.#destination.send(batch, attempt.signal, client)
    } catch (error) {
      batch.compact() // it may wait long for its next attempt
      throw attempt.signal.aborted ? attempt.signal.reason : error
    } finally {
      if (timer !== false) clearTimeout(timer)
      this.#attempts.delete(attempt)
    }
  }

  /** Both counters are there from the first batch on: with one missing there is no share to compute. */
  #sent(batch: T): void {
    this.#ctx.count(`sent_${this.#items}`, batch.count)
    this.#ctx.count(`send_failed_${this.#items}`, 0)
    this.#ctx.status({ kind: 'ok' })
  }

  #failed(batch: T, error: unknown): void {
    this.#ctx.count(`sent_${this.#items}`, 0)
    this.#ctx.count(`send_failed_${this.#items}`, batch.count, failureLabels(error))
  }

  #drop(reason: string, batch: T, error: unknown): void {
    this.#failed(batch, error)
    this.#ctx.count(`dropped_${reason}`, batch.count)
    this.#log(this.#texts.dropped, error, { dropped_items: batch.count, reason })
    this.#ctx.status({ kind: 'permanent_error', error: asError(error) })
  }

  /** Acknowledged once, and unreadable now. */
  #damaged({ items, records, setAside }: Damage): void {
    this.#ctx.count('dropped_storage_damaged', items)
    this.#ctx.count('storage_damaged_batches', records)
    const fields = { dropped_items: items, batches: records, kept_in: setAside }
    this.#log('Stored data is damaged. Dropping data.', new Error(setAside), fields)
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

/** Requests of profiles are neither joined nor divided. */
const queueFor = (signal: Signal, config: QueueConfig | undefined) =>
  config && signal === 'profiles' ? { ...config, batch: undefined } : config

/** The Collector's words, which people search for. */
function textsOf({ retry, queue }: HelperOptions): { rejected: string; dropped: string } {
  const hints = [
    !retry.enabled && ' Try enabling retry_on_failure config option to retry on retryable errors.',
    queue === undefined && ' Try enabling sending_queue to survive temporary failures.',
  ]
  const hint = hints.filter((one) => one !== false).join('')
  return {
    rejected: `Exporting failed. Rejecting data.${hint}`,
    dropped: `Exporting failed. Dropping data.${hint}`,
  }
}

const NOT_EMPTY = new GaveUpError('the queue was not empty at the deadline', 'shutdown', undefined)

const atDeadline = () => new RefusedError('the deadline of the shutdown')

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
