import { bool, enumOf, type Infer, int, object, optional } from '../config/fields.ts'
import { RefusedError } from './component.ts'
import { gaveUp } from './retry.ts'

/** `sending_queue` of every exporter that sends over a network; undefined if it is off. */
export const queueFields = optional(
  object({
    num_consumers: int()
      .default(10)
      .check((n) => n <= 0 && '`num_consumers` must be positive')
      .describe('Requests that are under way at the same time.'),
    queue_size: int()
      .default(1000)
      .check((n) => n <= 0 && '`queue_size` must be positive')
      .describe('Most that waits or is under way, in units of the sizer.'),
    sizer: enumOf(['requests', 'items', 'bytes'])
      .default('requests')
      .describe(
        'What queue_size counts: batches, items (spans, data points, log records) or bytes.',
      ),
    block_on_overflow: bool()
      .default(false)
      .describe('Whether a full queue makes senders wait; otherwise it refuses.'),
    wait_for_result: bool()
      .default(false)
      .describe('Whether senders wait until their batch is sent or given up.'),
  }),
  { absent: 'on', enabledKey: true },
).describe('A queue in memory between the pipeline and the network.')

export type QueueConfig = NonNullable<Infer<typeof queueFields>>

export interface Sized {
  readonly count: number
  toProtobuf(): Uint8Array
  /** Makes it smaller in memory. */
  compact(): void
}

const SIZERS: Record<QueueConfig['sizer'], (batch: Sized) => number> = {
  requests: () => 1,
  items: (batch) => batch.count,
  bytes: (batch) => batch.toProtobuf().length,
}

interface Entry<T> {
  readonly batch: T
  readonly size: number
  done(error?: unknown): void
}

/** A bounded queue and its consumers. What is under way still takes its room: memory is what is bounded. */
export class SendingQueue<T extends Sized> {
  readonly #config: QueueConfig
  readonly #send: (batch: T) => Promise<void>
  readonly #onStopped: (batch: T) => void
  readonly #waiting: Entry<T>[] = []
  #blocked: (() => void)[] = []
  #active = 0
  #size = 0
  #stopped = false
  #onIdle: (() => void) | undefined

  /** `send` may reject; `onStopped` gets what is left when `drain` is out of time. */
  constructor(
    config: QueueConfig,
    send: (batch: T) => Promise<void>,
    onStopped: (batch: T) => void,
  ) {
    this.#config = config
    this.#send = send
    this.#onStopped = onStopped
  }

  /** In units of the sizer, with what is under way. */
  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#config.queue_size
  }

  /** Batches that are being sent. */
  get active(): number {
    return this.#active
  }

  /** Resolves when the batch is in the queue, or sent if `wait_for_result`. Rejects with `RefusedError` if full. */
  async offer(batch: T, signal?: AbortSignal): Promise<void> {
    const size = SIZERS[this.#config.sizer](batch)
    if (size > this.capacity) {
      throw new Error(
        `sending queue: batch of ${size} ${this.#config.sizer} is larger than queue_size ${this.capacity}`,
      )
    }
    while (!this.#stopped && this.#size + size > this.capacity) {
      if (!this.#config.block_on_overflow) throw new RefusedError('sending queue is full')
      await this.#room(signal)
    }
    if (this.#stopped) throw new RefusedError('sending queue is stopped')
    this.#size += size
    if (this.#config.wait_for_result) return this.#enqueueAndWait(batch, size)
    this.#enqueue({ batch, size, done: () => undefined })
  }

  /** Takes nothing more and sends what is left; at `deadline` the rest goes to `onStopped`. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#stopped = true
    this.#wake()
    const giveUp = () => this.#discard()
    if (deadline.aborted) giveUp()
    else deadline.addEventListener('abort', giveUp, { once: true })
    if (this.#size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    deadline.removeEventListener('abort', giveUp)
  }

  #enqueueAndWait(batch: T, size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => (error === undefined ? resolve() : reject(error))
      this.#enqueue({ batch, size, done })
    })
  }

  #enqueue(entry: Entry<T>): void {
    if (this.#active >= this.#config.num_consumers) entry.batch.compact()
    this.#waiting.push(entry)
    this.#pump()
  }

  #pump(): void {
    while (this.#active < this.#config.num_consumers) {
      const entry = this.#waiting.shift()
      if (entry === undefined) return
      this.#active += 1
      void this.#consume(entry)
    }
  }

  async #consume(entry: Entry<T>): Promise<void> {
    try {
      await this.#send(entry.batch)
      entry.done()
    } catch (error) {
      entry.done(error)
    }
    this.#active -= 1
    this.#leave(entry)
    this.#pump()
  }

  #leave(entry: Entry<T>): void {
    this.#size -= entry.size
    this.#wake()
    if (this.#size === 0) this.#onIdle?.()
  }

  #discard(): void {
    for (const entry of this.#waiting.splice(0)) {
      this.#onStopped(entry.batch)
      entry.done(gaveUp('shutdown', new RefusedError('the batch was still in the sending queue')))
      this.#leave(entry)
    }
  }

  /** Resolves when something has left the queue; rejects if `signal` aborts first. */
  #room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new RefusedError('sending queue is full: the sender went away'))
      signal?.addEventListener('abort', abort, { once: true })
      this.#blocked.push(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
    })
  }

  #wake(): void {
    const blocked = this.#blocked
    this.#blocked = []
    for (const resume of blocked) resume()
  }
}
