import type { Change, Damage, RecordHead, StorageClient, StoredRecord } from '../storage.ts'
import type { StorageThread } from './storage_thread.ts'

/** One open file. */
export class FileClient implements StorageClient {
  readonly #thread: StorageThread
  readonly #file: string
  readonly damage: Damage | undefined
  readonly #onClosed: () => void
  #closed: Promise<void> | undefined

  constructor(
    thread: StorageThread,
    file: string,
    damage: Damage | undefined,
    onClosed: () => void,
  ) {
    this.#thread = thread
    this.#file = file
    this.damage = damage
    this.#onClosed = onClosed
  }

  records(): Promise<readonly RecordHead[]> {
    return this.#thread.call('records', this.#file)
  }

  append(items: number, meta: string, body: Uint8Array): Promise<number> {
    const record = { file: this.#file, items, meta, body }
    return this.#thread.call('append', record, [body.buffer as ArrayBuffer])
  }

  read(id: number): Promise<StoredRecord | Damage> {
    return this.#thread.call('read', { file: this.#file, id })
  }

  discard(ids: readonly number[]): Promise<void> {
    return this.#thread.call('discard', { file: this.#file, ids })
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#thread.call('get', { file: this.#file, key })
  }

  set(changes: readonly Change[]): Promise<void> {
    return this.#thread.call('set', { file: this.#file, changes })
  }

  close(): Promise<void> {
    this.#closed ??= this.#thread.call('close', this.#file).finally(this.#onClosed)
    return this.#closed
  }
}
