import { type Info, RefusedError } from './component.ts'
import { Fifo } from './fifo.ts'
import { BoundedQueue, type Queue, type QueueConfig, type Sized } from './queue.ts'
import { isUnsent, Offer } from './queue_batch.ts'
import type { SendParcel } from './queue_consumers.ts'
import { infoOf, metaOf } from './queue_record.ts'
import { gaveUp } from './retry.ts'
import type { Damage, RecordHead, StorageClient } from './storage.ts'

/** What a queue on disk needs of the exporter that it belongs to. */
export interface PersistentHost<T> {
  open(): Promise<StorageClient>
  /** Undefined if the bytes are no batch. */
  decode(bytes: Uint8Array): T | undefined
  send: SendParcel<T>
  /** Items that were acknowledged and cannot be read any more. */
  onDamage(damage: Damage): void
  /** Reading or removing did not work; it is tried again. */
  onFault(what: string, error: unknown): void
}

/** A record, and the room that it takes. */
interface Stored extends RecordHead {
  readonly size: number
}

const AGAIN_MS = 1000
/** Few enough for a storage that is full. */
const REMOVED_AT_ONCE = 16

/**
 * A bounded queue on disk: in memory are only numbers, and the batches that are under way. A record stays until its batch
 * is sent or given up, so after any end of the process what was under way is sent again.
 */
export class PersistentQueue<T extends Sized> extends BoundedQueue<T> implements Queue<T> {
  readonly #host: PersistentHost<T>
  #client: StorageClient | undefined
  readonly #stored = new Fifo<Stored>()
  /** Sent or given up, and still on disk. */
  #done: number[] = []
  #reading = 0
  #pulled = 0
  #draining = false
  #halted = false
  #onIdle: (() => void) | undefined
  #removal: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #rest: NodeJS.Timeout | undefined

  constructor(config: QueueConfig, host: PersistentHost<T>) {
    super(config, (batch, client) => host.send(batch, client))
    this.#host = host
  }

  /** Rejects if the storage cannot be opened. What was there before is sent from now on. */
  async start(): Promise<void> {
    this.#client = await this.#host.open()
    if (this.#client.damage !== undefined) this.#host.onDamage(this.#client.damage)
    for (const head of await this.#client.records()) {
      const size = this.#sizeOfRecord(head)
      this.room.occupy(size)
      this.#stored.push({ ...head, size })
    }
    this.#pump()
  }

  async offer(batch: T, info: Info = {}): Promise<void> {
    const size = this.sizeOf(batch)
    if (!this.room.take(size)) await this.room.wait(size, info.signal)
    try {
      if (this.#client === undefined) throw new Error('sending queue: its storage is not open')
      // A copy: others may share the bytes, the storage takes its own away. `slice` of a Buffer is none.
      const body = new Uint8Array(batch.toProtobuf())
      const { length: bytes } = body
      const id = await this.#client.append(batch.count, metaOf(info), body)
      this.#stored.push({ id, items: batch.count, bytes, size })
    } catch (cause) {
      this.room.give(size)
      throw new RefusedError((cause as Error).message, { cause })
    }
    this.#pump()
  }

  /** Sends what it can until `deadline`, or until one attempt fails: the rest is kept. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.room.stop()
    this.#draining = true
    this.batcher?.flush()
    const halt = () => this.#halt()
    if (deadline.aborted) halt()
    else deadline.addEventListener('abort', halt, { once: true })
    this.#pump()
    if (!this.#isIdle) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    deadline.removeEventListener('abort', halt)
    await this.#close()
  }

  #sizeOfRecord({ items, bytes }: RecordHead): number {
    return { requests: 1, items, bytes }[this.config.sizer]
  }

  get #isIdle(): boolean {
    return this.#pulled === 0 && (this.#halted || this.#stored.length === 0)
  }

  /** Reads as many batches as can be sent at once. */
  #pump(): void {
    while (!this.#halted && !this.#rest && this.consumers.free > this.#reading) {
      const stored = this.#stored.shift()
      if (stored === undefined) break
      this.#reading += 1
      this.#pulled += 1
      void this.#pull(stored)
    }
    if (this.#draining && this.#isIdle) this.#onIdle?.()
  }

  async #pull(stored: Stored): Promise<void> {
    const record = await this.#client?.read(stored.id).catch((error: unknown) => {
      this.#host.onFault('read', error)
    })
    this.#reading -= 1
    if (record === undefined) this.#putBack(stored)
    else if (record.kind === 'damaged') this.#damaged(stored, record.setAside)
    else this.#take(stored, record.body, record.meta)
    if (this.#draining) this.batcher?.flush()
    this.#pump()
  }

  #take(stored: Stored, body: Uint8Array, meta: string): void {
    const batch = this.#host.decode(body)
    const offer = new Offer((error) => this.#settled(stored, error))
    if (batch === undefined) this.#damaged(stored, '')
    else if (this.batcher === undefined) {
      this.consumers.add({ batch, offers: [offer], client: infoOf(meta).client })
    } else this.batcher.add(batch, offer, infoOf(meta))
  }

  #settled(stored: Stored, error: unknown): void {
    this.#pulled -= 1
    if (isUnsent(error)) this.#halted = true
    else this.#finish(stored)
    queueMicrotask(() => this.#pump()) // the consumer is free only after this
  }

  #damaged(stored: Stored, setAside: string): void {
    this.#pulled -= 1
    this.#host.onDamage({ kind: 'damaged', records: 1, items: stored.items, setAside })
    this.#finish(stored)
  }

  #finish({ id, size }: Stored): void {
    this.room.give(size)
    this.#done.push(id)
    this.#removal ??= this.#remove()
  }

  /** One call at a time: what is done meanwhile goes together. */
  async #remove(): Promise<void> {
    while (this.#done.length > 0) {
      const ids = this.#done.splice(0, REMOVED_AT_ONCE)
      try {
        await this.#client?.discard(ids)
      } catch (error) {
        this.#done.push(...ids)
        this.#host.onFault('remove what was sent', error)
        this.#later()
        break
      }
    }
    this.#removal = undefined
  }

  /** Nothing is read for a while. */
  #putBack(stored: Stored): void {
    this.#pulled -= 1
    this.#stored.putBack(stored)
    if (this.#draining) this.#halted = true
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => {
      this.#rest = undefined
      this.#pump()
    }, AGAIN_MS).unref()
  }

  #later(): void {
    clearTimeout(this.#again)
    if (this.#draining) return
    this.#again = setTimeout(() => {
      this.#removal ??= this.#remove()
    }, AGAIN_MS).unref()
  }

  /** What waits for a consumer is on disk: it is let go. */
  #halt(): void {
    this.#halted = true
    const error = gaveUp('shutdown', new RefusedError('the batch stays in the sending queue'))
    for (const { offers } of this.consumers.takeWaiting()) {
      for (const offer of offers) offer.settle(error)
    }
    this.#pump()
  }

  async #close(): Promise<void> {
    await this.#removal
    this.#removal = this.#remove()
    await this.#removal
    clearTimeout(this.#again)
    clearTimeout(this.#rest)
    await this.#client?.close()
    this.#client = undefined
  }
}
