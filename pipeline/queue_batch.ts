import {
  duration,
  enumOf,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../config/fields.ts'
import type { ClientInfo, Info } from './component.ts'
import { GaveUpError } from './retry.ts'
import { timerMs } from './timer.ts'

function duplicateKey(keys: readonly string[]): string | false {
  const names = keys.map((key) => key.toLowerCase())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return (
    twice !== undefined &&
    `duplicate entry in metadata_keys: ${JSON.stringify(twice)} (case-insensitive)`
  )
}

const batch = object({
  flush_timeout: duration()
    .check((ms) => ms <= 0 && `\`flush_timeout\` must be positive, found ${ms}`)
    .default(200)
    .describe('Longest time that an item waits for others.'),
  min_size: int()
    .check((n) => n < 0 && `\`min_size\` must be non-negative, found ${n}`)
    .default(8192)
    .describe('A batch of this size leaves at once.'),
  max_size: int().min(0).default(0).describe('Larger ones are divided; 0 is no limit.'),
  sizer: enumOf(['items', 'bytes'], () => '`batch` supports only `items` or `bytes` sizer')
    .optional()
    .describe("What the sizes count; by default as the queue's sizer, or items."),
  partition: object({
    metadata_keys: list(text())
      .check(duplicateKey)
      .describe('Request headers whose values are kept apart.'),
  }).describe('What is not batched together.'),
}).check(
  ({ min_size: min, max_size: max }) =>
    max > 0 &&
    max < min &&
    `\`max_size\` (${max}) must be greater or equal to \`min_size\` (${min})`,
  'max_size',
)

const WHAT = 'Batches what leaves the queue'

/** `sending_queue::batch`: requests are made larger, or smaller, on their way out of the queue. */
export const queueBatchFields = optional(batch).describe(`${WHAT}; off unless it is there.`)

/** The same where it is on by itself. */
export const queueBatchFieldsOn = optional(batch, { absent: 'on' }).describe(`${WHAT}.`)

export type QueueBatchConfig = NonNullable<Infer<typeof queueBatchFields>>

/** What one sender has put into the queue. It is settled when all requests that hold a part of it are. */
export class Offer {
  readonly #done: (error: unknown) => void
  #parts = 1
  #error: unknown

  /** `done` is called once. */
  constructor(done: (error: unknown) => void) {
    this.#done = done
  }

  /** One request more holds a part. */
  split(): void {
    this.#parts += 1
  }

  /** Of several errors a part that may still be sent wins over one that is lost: the first is not to be forgotten. */
  settle(error?: unknown): void {
    if (this.#error === undefined || isUnsent(error)) this.#error = error ?? this.#error
    this.#parts -= 1
    if (this.#parts === 0) this.#done(this.#error)
  }
}

/** Given up for the time being, because of a shutdown. */
export const isUnsent = (error: unknown): boolean =>
  error instanceof GaveUpError && error.reason === 'shutdown'

/** One request that leaves the queue, and whose it is. */
export interface Parcel<T> {
  readonly batch: T
  readonly offers: readonly Offer[]
  /** Who sent it; of a batch of several what they have in common. */
  readonly client: ClientInfo | undefined
}

interface Divisible {
  readonly count: number
  toProtobuf(): Uint8Array
  divide(at: number): readonly [head: Divisible, tail: Divisible]
  join(others: readonly Divisible[]): Divisible
}

interface Part<T> {
  readonly batch: T
  readonly offer: Offer
  readonly size: number
}

interface Partition<T> {
  parts: Part<T>[]
  size: number
  readonly client: ClientInfo | undefined
  readonly timer: NodeJS.Timeout
}

/** Gathers parts until they are large enough, for each combination of metadata on its own. */
export class QueueBatcher<T extends Divisible> {
  readonly #config: QueueBatchConfig
  readonly #sizeOf: (batch: T) => number
  readonly #emit: (parcel: Parcel<T>) => void
  readonly #partitions = new Map<string, Partition<T>>()

  constructor(
    config: QueueBatchConfig,
    sizer: 'items' | 'bytes',
    emit: (parcel: Parcel<T>) => void,
  ) {
    this.#config = config
    this.#sizeOf = sizer === 'items' ? (batch) => batch.count : (batch) => batch.toProtobuf().length
    this.#emit = emit
  }

  add(batch: T, offer: Offer, info: Info): void {
    const keys = this.#config.partition.metadata_keys
    const key = JSON.stringify(
      keys.map((one) => info.client?.metadata.get(one.toLowerCase()) ?? null),
    )
    const partition = this.#partitions.get(key) ?? this.#open(key, info)
    const size = this.#sizeOf(batch)
    partition.parts.push({ batch, offer, size })
    partition.size += size
    const { min_size: min, max_size: max } = this.#config
    while (max > 0 && partition.size > max) {
      this.#emitParts(this.#take(partition, max), partition.client)
    }
    if (partition.size >= min) this.#close(key)
  }

  /** Emits everything that is gathered. */
  flush(): void {
    for (const key of [...this.#partitions.keys()]) this.#close(key)
  }

  #open(key: string, { client }: Info): Partition<T> {
    const timer = setTimeout(() => this.#close(key), timerMs(this.#config.flush_timeout))
    const shared = client && this.#shared(client)
    const partition: Partition<T> = { parts: [], size: 0, client: shared, timer }
    this.#partitions.set(key, partition)
    return partition
  }

  #close(key: string): void {
    const partition = this.#partitions.get(key)
    this.#partitions.delete(key)
    if (partition === undefined) return
    clearTimeout(partition.timer)
    this.#emitParts(partition.parts, partition.client)
  }

  /** What all senders of a partition have in common. */
  #shared({ metadata }: ClientInfo): ClientInfo | undefined {
    const keys = this.#config.partition.metadata_keys
    if (keys.length === 0) return undefined
    const kept = keys.map((one) => [one.toLowerCase(), metadata.get(one.toLowerCase())] as const)
    const found = kept.flatMap(([key, values]) => (values ? [[key, values] as const] : []))
    return { address: '', metadata: new Map(found) }
  }

  #emitParts([first, ...rest]: readonly Part<T>[], client: ClientInfo | undefined): void {
    if (first === undefined) return
    const batch = first.batch.join(rest.map((part) => part.batch)) as T
    this.#emit({ batch, offers: [first, ...rest].map((part) => part.offer), client })
  }

  /** Parts of `max` together, the last of them divided; of a size in bytes as near as items allow, but one at least. */
  #take(partition: Partition<T>, max: number): Part<T>[] {
    const taken: Part<T>[] = []
    let left = max
    for (let part = partition.parts.shift(); part !== undefined; part = partition.parts.shift()) {
      const share = Math.floor((part.batch.count * left) / part.size)
      const at = taken.length === 0 ? Math.max(1, share) : share
      if (part.size <= left || at >= part.batch.count) {
        taken.push(part)
        left -= part.size
      } else {
        const [head, tail] = at === 0 ? [undefined, part.batch] : part.batch.divide(at)
        if (head !== undefined) {
          part.offer.split()
          taken.push(this.#part(head as T, part.offer))
        }
        partition.parts.unshift(this.#part(tail as T, part.offer))
        break
      }
      if (left <= 0) break
    }
    partition.size = partition.parts.reduce((sum, part) => sum + part.size, 0)
    return taken
  }

  #part(batch: T, offer: Offer): Part<T> {
    return { batch, offer, size: this.#sizeOf(batch) }
  }
}
