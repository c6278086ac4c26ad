import type { Consumer, Context, Info } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import { describe } from '../../pipeline/telemetry/logger.ts'
import { timerMs } from '../../pipeline/timer.ts'

export interface ShardOptions {
  /** Items that make a batch leave; 0 is every one. */
  readonly size: number
  /** 0 is no limit. */
  readonly maxSize: number
  /** 0 sends at once. */
  readonly timeoutMs: number
  /** All shards of a processor have one. */
  readonly log: ReturnType<typeof limitedLog>
}

type Trigger = 'batch_size' | 'timeout'

/** Gathers the items of one metadata combination, and sends them on, one batch after the other. */
export class Shard<R> {
  readonly #ctx: Context
  readonly #options: ShardOptions
  readonly #next: Consumer<Batch<R>>
  readonly #info: Info
  #pending: Batch<R>[] = []
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #closed = false

  /** `info` goes along with every batch: it holds nothing but the metadata of this shard. */
  constructor(ctx: Context, options: ShardOptions, next: Consumer<Batch<R>>, info: Info) {
    this.#ctx = ctx
    this.#options = options
    this.#next = next
    this.#info = info
  }

  /** Resolves at once, unless a full batch waits for a slow consumer: then when that has taken what it has. */
  async add(batch: Batch<R>): Promise<void> {
    if (batch.count === 0) return
    batch.compact()
    this.#pending.push(batch)
    this.#count += batch.count
    this.#run()
    while (this.#sending !== undefined && this.#isFull()) await this.#sending
  }

  /** Sends everything; from now on nothing waits. */
  async flush(): Promise<void> {
    this.#closed = true
    this.#run()
    await this.#sending
  }

  /** What waits is lost, and counted. */
  discard(): void {
    this.#ctx.count('dropped_shutdown', this.#count)
    this.#pending = []
    this.#count = 0
    clearTimeout(this.#timer)
  }

  #isImmediate(): boolean {
    return this.#closed || this.#options.timeoutMs === 0 || this.#options.size === 0
  }

  #isFull(): boolean {
    return this.#count > 0 && (this.#isImmediate() || this.#count >= this.#options.size)
  }

  #run(): void {
    if (this.#sending !== undefined) return
    if (this.#isFull()) {
      this.#sending = this.#sendAll().finally(() => {
        this.#sending = undefined
        this.#run()
      })
    } else if (this.#count > 0) this.#timer ??= this.#startTimer()
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined
      if (this.#sending !== undefined || this.#count === 0) return
      this.#sending = this.#sendOne('timeout').finally(() => {
        this.#sending = undefined
        this.#run()
      })
    }, timerMs(this.#options.timeoutMs))
  }

  async #sendAll(): Promise<void> {
    while (this.#isFull()) await this.#sendOne(this.#closed ? 'timeout' : 'batch_size')
  }

  /** Never rejects: whoever sent the items has gone on, so a refusal loses them. */
  async #sendOne(trigger: Trigger): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = this.#take()
    if (batch === undefined) return
    this.#ctx.count(`batch_${trigger}_trigger_send`, 1)
    this.#ctx.measure('batch_batch_send_size', batch.count)
    this.#ctx.measure('batch_batch_send_size_bytes', () => batch.toProtobuf().length)
    try {
      await this.#next.consume(batch, this.#info)
    } catch (error) {
      this.#ctx.count('dropped_sender_failed', batch.count)
      const cause = describe(error)
      const fields = { error: cause, dropped_items: batch.count }
      this.#options.log(this.#ctx.log.warn, cause, 'Sender failed', fields)
    }
  }

  #take(): Batch<R> | undefined {
    const [first, ...rest] = this.#pending
    if (first === undefined) return undefined
    const all = first.join(rest)
    const { maxSize } = this.#options
    const tooLarge = maxSize > 0 && all.count > maxSize
    const [head, tail] = tooLarge ? all.divide(maxSize) : [all, undefined]
    this.#pending = tail === undefined ? [] : [tail]
    this.#count -= head.count
    return head
  }
}
