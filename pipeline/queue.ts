import { bool, enumOf, type Infer, int, object, optional } from '../config/fields.ts'
import { type Info, RefusedError } from './component.ts'
import { Offer, type Parcel, QueueBatcher, queueBatchFields } from './queue_batch.ts'
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
    batch: queueBatchFields,
  }).check(
    ({ batch, sizer, queue_size }) =>
      batch !== undefined &&
      (batch.sizer ?? sizer) === sizer &&
      batch.min_size > queue_size &&
      '`min_size` must be less than or equal to `queue_size`',
    'batch',
  ),
  { absent: 'on', enabledKey: true },
).describe('A queue in memory between the pipeline and the network.')

export type QueueConfig = NonNullable<Infer<typeof queueFields>>

export interface Sized {
  readonly count: number
  toProtobuf(): Uint8Array
  /** Makes it smaller in memory. */
  compact(): void
  divide(at: number): readonly [head: Sized, tail: Sized]
  join(others: readonly Sized[]): Sized
}

const SIZERS: Record<QueueConfig['sizer'], (batch: Sized) => number> = {
  requests: () => 1,
  items: (batch) => batch.count,
  bytes: (batch) => batch.toProtobuf().length,
}

/** A bounded queue and its consumers. What is under way still takes its room: memory is what is bounded. */
export class SendingQueue<T extends Sized> {
  readonly #config: QueueConfig
  readonly #send: (batch: T) => Promise<void>
  readonly #onStopped: (batch: T) => void
  readonly #batcher: QueueBatcher<T> | undefined
  readonly #waiting: Parcel<T>[] = []
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
    const { batch, sizer } = config
    if (batch === undefined) return
    const batchSizer = batch.sizer ?? (sizer === 'bytes' ? 'bytes' : 'items')
    const emit = (parcel: Parcel<T>) => this.#enqueue(parcel)
    this.#batcher = new QueueBatcher(batch, batchSizer, emit)
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
  async offer(batch: T, info: Info = {}): Promise<void> {
    const size = SIZERS[this.#config.sizer](batch)
    if (size > this.capacity) {
      throw new Error(
        `sending queue: batch of ${size} ${this.#config.sizer} is larger than queue_size ${this.capacity}`,
      )
    }
    while (!this.#stopped && this.#size + size > this.capacity) {
      if (!this.#config.block_on_overflow) throw new RefusedError('sending queue is full')
      await this.#room(info.signal)
    }
    if (this.#stopped) throw new RefusedError('sending queue is stopped')
    this.#size += size
    return new Promise((resolve, reject) => {
      const waits = this.#config.wait_for_result
      const offer = new Offer(size, (_offer, error) => {
        this.#leave(size)
        if (!waits) return
        if (error === undefined) resolve()
        else reject(error)
      })
      if (this.#batcher === undefined) this.#enqueue({ batch, offers: [offer] })
      else this.#batcher.add(batch, offer, info)
      if (!waits) resolve()
    })
  }

  /** Takes nothing more and sends what is left; at `deadline` the rest goes to `onStopped`. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#stopped = true
    this.#wake()
    this.#batcher?.flush()
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

  #enqueue(parcel: Parcel<T>): void {
    if (this.#active >= this.#config.num_consumers) parcel.batch.compact()
    this.#waiting.push(parcel)
    this.#pump()
  }

  #pump(): void {
    while (this.#active < this.#config.num_consumers) {
      const parcel = this.#waiting.shift()
      if (parcel === undefined) return
      this.#active += 1
      void this.#consume(parcel)
    }
  }

  async #consume({ batch, offers }: Parcel<T>): Promise<void> {
    let failure: unknown
    try {
      await this.#send(batch)
    } catch (error) {
      failure = error
    }
    this.#active -= 1
    for (const offer of offers) offer.settle(failure)
    this.#pump()
  }

  #leave(size: number): void {
    this.#size -= size
    this.#wake()
    if (this.#size === 0) this.#onIdle?.()
  }

  #discard(): void {
    const error = new RefusedError('the batch was still in the sending queue')
    for (const { batch, offers } of this.#waiting.splice(0)) {
      this.#onStopped(batch)
      for (const offer of offers) offer.settle(gaveUp('shutdown', error))
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
