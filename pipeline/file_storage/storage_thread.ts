import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Damage, StorageError } from '../storage.ts'
import type { DatabaseOptions } from './database.ts'
import type { Operation, Operations, Reply } from './messages.ts'

const WORKER = new URL('./file_storage_worker.js', import.meta.url)

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Calls into the thread that owns the files; it exists from the first call to `stop`. */
export class StorageThread {
  readonly #waiting = new Map<number, Waiting>()
  /** Files that are open: should the thread fail, the next one opens them again. */
  readonly #files = new Map<string, DatabaseOptions>()
  #number = 0
  #worker: Worker | undefined
  #port: MessagePort | undefined

  /** `transfer` is gone from this thread. Rejects with `StorageError`. */
  call<O extends Operation>(
    operation: O,
    input: Operations[O][0],
    transfer: ArrayBuffer[] = [],
  ): Promise<Operations[O][1]> {
    const port = this.#port ?? this.#begin()
    if (operation === 'close') this.#files.delete(input as string)
    const number = this.#number++
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, {
        resolve: (result) => resolve(result as Operations[O][1]),
        reject,
      })
      port.postMessage({ number, operation, input }, transfer)
    })
  }

  /** Rejects with `StorageError` if it cannot be opened. */
  async open(options: DatabaseOptions): Promise<Damage | undefined> {
    const damage = await this.call('open', options)
    this.#files.set(options.path, options)
    return damage
  }

  async stop(): Promise<void> {
    const worker = this.#worker
    this.#files.clear()
    this.#end('it has stopped')
    await worker?.terminate()
  }

  #begin(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(WORKER, {
      workerData: { port: port2 },
      transferList: [port2],
      execArgv: ['--disable-warning=ExperimentalWarning'], // until 24, node:sqlite calls itself that
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    })
    worker.on('error', (error) => this.#end(String(error)))
    port1.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) this.#settle(reply)
    })
    this.#worker = worker
    this.#port = port1
    for (const options of this.#files.values()) this.call('open', options).catch(() => undefined)
    return port1
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.number)
    this.#waiting.delete(reply.number)
    if ('message' in reply) waiting?.reject(new StorageError(reply.message, reply.fault))
    else waiting?.resolve(reply.result)
  }

  /** The next call begins another thread. */
  #end(reason: string): void {
    this.#port?.close()
    this.#port = undefined
    this.#worker = undefined
    const error = new StorageError(`file_storage: ${reason}`, 'failed')
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
