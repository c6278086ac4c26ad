import type { ClientInfo, Component, Consumer, Context, Info } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import type { BatchConfig } from './config.ts'
import { Shard, type ShardOptions } from './shard.ts'

/** The Collector's `batch`: one shard, or with `metadata_keys` one for each combination of their values. */
export class BatchProcessor<R> implements Component, Consumer<Batch<R>> {
  readonly #ctx: Context
  readonly #next: Consumer<Batch<R>>
  readonly #options: ShardOptions
  readonly #keys: readonly string[]
  readonly #limit: number
  readonly #shards = new Map<string, Shard<R>>()

  constructor(ctx: Context, config: BatchConfig, next: Consumer<Batch<R>>) {
    this.#ctx = ctx
    this.#next = next
    this.#options = {
      size: config.send_batch_size,
      maxSize: config.send_batch_max_size,
      timeoutMs: config.timeout,
      log: limitedLog(ctx.now),
    }
    this.#keys = config.metadata_keys.map((key) => key.toLowerCase()).sort()
    this.#limit = config.metadata_cardinality_limit
    if (this.#keys.length > 0) ctx.gauge('batch_metadata_cardinality', () => this.#shards.size)
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  async consume(batch: Batch<R>, info: Info): Promise<void> {
    await this.#shard(info.client).add(batch)
  }

  /** Sends what is gathered; what has not gone at `deadline` is counted as dropped. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    const discard = () => {
      for (const shard of this.#shards.values()) shard.discard()
    }
    deadline.addEventListener('abort', discard, { once: true })
    await Promise.all([...this.#shards.values()].map((shard) => shard.flush()))
    deadline.removeEventListener('abort', discard)
  }

  /** Throws when there would be too many: for the sender that is no reason to try again. */
  #shard(client: ClientInfo | undefined): Shard<R> {
    const values = this.#keys.map((key) => client?.metadata.get(key) ?? [])
    const name = JSON.stringify(values)
    const known = this.#shards.get(name)
    if (known !== undefined) return known
    if (this.#keys.length > 0 && this.#limit > 0 && this.#shards.size >= this.#limit) {
      throw new Error('too many batcher metadata-value combinations')
    }
    const metadata = new Map(this.#keys.map((key, i) => [key, values[i] ?? []]))
    const info: Info = this.#keys.length === 0 ? {} : { client: { address: '', metadata } }
    const shard = new Shard(this.#ctx, this.#options, this.#next, info)
    this.#shards.set(name, shard)
    return shard
  }
}
