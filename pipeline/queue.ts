import { bool, enumOf, type Infer, int, object, optional, text } from '../config/fields.ts'
import { type Info, RefusedError } from './component.ts'
import { Offer, QueueBatcher, queueBatchFields, queueBatchFieldsOn } from './queue_batch.ts'
import { Consumers, type SendParcel } from './queue_consumers.ts'
import { Room } from './queue_room.ts'
import { gaveUp } from './retry.ts'

const sectionOf = <B extends typeof queueBatchFields>(
  defaults: { readonly consumers: number; readonly size: number; readonly blocks: boolean },
  batch: B,
) =>
  object({
    num_consumers: int()
      .default(defaults.consumers)
      .check((n) => n <= 0 && '`num_consumers` must be positive')
      .describe('Requests that are under way at the same time.'),
    queue_size: int()
      .default(defaults.size)
      .check((n) => n <= 0 && '`queue_size` must be positive')
      .describe('Most that waits or is under way, in units of the sizer.'),
    sizer: enumOf(['requests', 'items', 'bytes'])
      .default('requests')
      .describe(
        'What queue_size counts: batches, items (spans, data points, log records) or bytes.',
      ),
    block_on_overflow: bool()
      .default(defaults.blocks)
      .describe('Whether a full queue makes senders wait; otherwise it refuses.'),
    wait_for_result: bool()
      .default(false)
      .describe('Whether senders wait until their batch is sent or given up.'),
    storage: text()
      .default('')
      .describe(
        'Id of a storage extension: the queue is kept there, and survives the end of weir.',
      ),
    batch,
  })
    .check(
      ({ batch, sizer, queue_size }) =>
        batch !== undefined &&
        (batch.sizer ?? (sizer === 'requests' ? 'items' : sizer)) === sizer &&
        batch.min_size > queue_size &&
        '`min_size` must be less than or equal to `queue_size`',
      'batch',
    )
    .check(
      ({ storage, wait_for_result: waits }) =>
        storage !== '' &&
        waits &&
        '`wait_for_result` is not supported with a persistent queue configured with `storage`',
      'wait_for_result',
    )

const section = sectionOf({ consumers: 10, size: 1000, blocks: false }, queueBatchFields)

/** `sending_queue` of every exporter that sends over a network; undefined if it is off. */
export const queueFields = optional(section, { absent: 'on', enabledKey: true }).describe(
  'A queue between the pipeline and the network, in memory or on disk.',
)

/** The same of one that hands on to others, which have queues themselves, or that is as fast as a queue. */
export const queueFieldsOff = optional(section, { absent: 'off', enabledKey: true }).describe(
  'A queue, in memory or on disk; off unless it is there.',
)

/** A queue in the middle of a pipeline, which is always there and makes batches. */
export const queueSection = sectionOf({ consumers: 1, size: 10, blocks: true }, queueBatchFieldsOn)

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

/** What stands between senders and the network. */
export interface Queue<T> {
  /** In units of the sizer, with what is under way. */
  readonly size: number
  readonly capacity: number
  /** Batches that are being sent. */
  readonly active: number
  /** Before the first offer. */
  start(): Promise<void>
  /** Resolves when the batch is in the queue, or sent if `wait_for_result`. Rejects with `RefusedError` if full. */
  offer(batch: T, info?: Info): Promise<void>
  /** Takes nothing more and sends what is left, until `deadline`. */
  drain(deadline: AbortSignal): Promise<void>
}

/** What a bounded queue is made of, wherever it keeps its batches. */
export abstract class BoundedQueue<T extends Sized> {
  protected readonly config: QueueConfig
  protected readonly room: Room
  protected readonly consumers: Consumers<T>
  /** Undefined if the queue has no batches of its own. */
  protected readonly batcher: QueueBatcher<T> | undefined
  protected readonly sizeOf: (batch: Sized) => number

  /** `send` may reject. */
  constructor(config: QueueConfig, send: SendParcel<T>) {
    this.config = config
    this.sizeOf = SIZERS[config.sizer]
    this.room = new Room(config.queue_size, config.sizer, config.block_on_overflow)
    this.consumers = new Consumers(config.num_consumers, send)
    this.batcher =
      config.batch &&
      new QueueBatcher(config.batch, config.batch.sizer ?? batchSizer(config), (parcel) =>
        this.consumers.add(parcel),
      )
  }

  get size(): number {
    return this.room.used
  }

  get capacity(): number {
    return this.room.capacity
  }

  get active(): number {
    return this.consumers.active
  }
}

const batchSizer = ({ sizer }: QueueConfig) => (sizer === 'bytes' ? 'bytes' : 'items')

/** A bounded queue in memory, and its consumers. What is under way still takes its room: memory is what is bounded. */
export class SendingQueue<T extends Sized> extends BoundedQueue<T> implements Queue<T> {
  readonly #onStopped: (batch: T) => void
  #onIdle: (() => void) | undefined

  /** `send` may reject; `onStopped` gets what is left when `drain` is out of time. */
  constructor(config: QueueConfig, send: SendParcel<T>, onStopped: (batch: T) => void) {
    super(config, send)
    this.#onStopped = onStopped
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  async offer(batch: T, info: Info = {}): Promise<void> {
    const size = this.sizeOf(batch)
    if (!this.room.take(size)) await this.room.wait(size, info.signal)
    return new Promise((resolve, reject) => {
      const waits = this.config.wait_for_result
      const offer = new Offer((error) => {
        this.#leave(size)
        if (!waits) return
        if (error === undefined) resolve()
        else reject(error)
      })
      const { client } = info
      if (this.batcher === undefined) this.consumers.add({ batch, offers: [offer], client })
      else this.batcher.add(batch, offer, info)
      if (!waits) resolve()
    })
  }

  /** At `deadline` what is left goes to `onStopped`. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.room.stop()
    this.batcher?.flush()
    const giveUp = () => this.#discard()
    if (deadline.aborted) giveUp()
    else deadline.addEventListener('abort', giveUp, { once: true })
    if (this.room.used > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    deadline.removeEventListener('abort', giveUp)
  }

  #leave(size: number): void {
    this.room.give(size)
    if (this.room.used === 0) this.#onIdle?.()
  }

  #discard(): void {
    const error = gaveUp('shutdown', new RefusedError('the batch was still in the sending queue'))
    for (const { batch, offers } of this.consumers.takeWaiting()) {
      this.#onStopped(batch)
      for (const offer of offers) offer.settle(error)
    }
  }
}
