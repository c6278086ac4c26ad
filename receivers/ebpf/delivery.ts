import { type Consumer, RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Counters } from './counters.ts'

/** Spans that may wait for the pipeline, refused or in its hands; some 20 MiB. */
const MAX_SPANS = 16_384
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

/**
 * Hands batches on, in order of their coming while the pipeline takes them. A refused batch is offered again, later and
 * later; beyond the bound spans are dropped and counted. Never blocks the drain.
 */
export class Delivery {
  #next: Consumer<TraceBatch> | undefined
  readonly #counters: Counters
  readonly #onError: (error: unknown) => void
  readonly #retries = new Set<NodeJS.Timeout>()
  readonly #underway = new Set<Promise<void>>()
  #waiting = 0
  #exported = 0
  #closing = true

  constructor(counters: Counters, onError: (error: unknown) => void) {
    this.#counters = counters
    this.#onError = onError
  }

  /** Where batches go from now on; also after `close`. */
  open(next: Consumer<TraceBatch>): void {
    this.#next = next
    this.#closing = false
  }

  /** Spans that the pipeline has taken. */
  get exported(): number {
    return this.#exported
  }

  /** Spans that are neither taken nor dropped yet. */
  get waiting(): number {
    return this.#waiting
  }

  send(batch: TraceBatch): void {
    if (this.#next === undefined || this.#waiting + batch.count > MAX_SPANS) {
      this.#counters.add('refused', batch.count)
      return
    }
    this.#waiting += batch.count
    this.#offer(batch, this.#next, FIRST_RETRY_MS)
  }

  /** Waits for what is under way, at most until `deadline`; what is then refused is dropped. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closing = true
    const aborted = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve()
      else deadline.addEventListener('abort', () => resolve(), { once: true })
    })
    while (this.#underway.size > 0 && !deadline.aborted) {
      await Promise.race([Promise.all(this.#underway), aborted])
    }
    for (const retry of this.#retries) clearTimeout(retry)
    this.#retries.clear()
    this.#counters.add('refused', this.#waiting)
    this.#waiting = 0
  }

  #offer(batch: TraceBatch, next: Consumer<TraceBatch>, retryMs: number): void {
    const attempt = next.consume(batch, {}).then(
      () =>
        this.#settle(batch, () => {
          this.#exported += batch.count
        }),
      (error: unknown) => this.#onRefusal(batch, next, error, retryMs),
    )
    this.#underway.add(attempt)
    void attempt.finally(() => this.#underway.delete(attempt))
  }

  #onRefusal(batch: TraceBatch, next: Consumer<TraceBatch>, error: unknown, retryMs: number): void {
    if (!(error instanceof RefusedError)) {
      this.#settle(batch, () => this.#counters.add('rejected', batch.count))
      this.#onError(error)
      return
    }
    if (this.#closing) {
      this.#settle(batch, () => this.#counters.add('refused', batch.count))
      return
    }
    const retry = setTimeout(() => {
      this.#retries.delete(retry)
      this.#offer(batch, next, Math.min(2 * retryMs, LAST_RETRY_MS))
    }, error.retryAfterMs ?? retryMs)
    this.#retries.add(retry)
  }

  /** After `close` everything is accounted for already. */
  #settle(batch: TraceBatch, account: () => void): void {
    if (this.#waiting === 0) return
    this.#waiting -= batch.count
    account()
  }
}
