import type { Context, Extension, Kind } from './component.ts'

/** Whose storage it is. `name` tells apart several of one component: the signal, for queues. */
export interface Owner {
  readonly kind: Kind
  readonly id: string
  readonly name: string
}

/** What is known of a record without reading it. */
export interface RecordHead {
  readonly id: number
  /** Spans, data points or log records in it. */
  readonly items: number
  readonly bytes: number
}

export interface StoredRecord {
  readonly kind: 'record'
  readonly body: Uint8Array
  /** As it was given to `append`. */
  readonly meta: string
}

/** What was there and cannot be read any more. */
export interface Damage {
  readonly kind: 'damaged'
  /** How many; 0 if the file does not tell. */
  readonly records: number
  /** In these records, as far as the file tells. */
  readonly items: number
  /** Path of the file in which the unreadable bytes are kept. */
  readonly setAside: string
}

export interface Change {
  readonly key: string
  /** Undefined takes the key away. */
  readonly value?: Uint8Array | undefined
}

/**
 * A piece of storage that belongs to one component. What a call resolved for survives the end of the process at any
 * moment; each call is done whole or not at all. Rejects with `StorageError`, after which everything is as before.
 */
export interface StorageClient {
  /** Found and repaired while it was opened. */
  readonly damage: Damage | undefined
  /** All records, oldest first. */
  records(): Promise<readonly RecordHead[]>
  /** Takes over `body`, which nobody else may hold, and gives the id of the new record, larger than all that are there. */
  append(items: number, meta: string, body: Uint8Array): Promise<number>
  read(id: number): Promise<StoredRecord | Damage>
  /** Ids that are not there are no mistake. */
  discard(ids: readonly number[]): Promise<void>
  /** Values by key, beside the records. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Makes all changes at once. */
  set(changes: readonly Change[]): Promise<void>
  /** After all calls before it. Safe twice. */
  close(): Promise<void>
}

/** An extension that keeps data of other components over restarts. */
export interface StorageExtension extends Extension {
  /** Rejects if it cannot be opened, as when another process has it. */
  storage(owner: Owner): Promise<StorageClient>
}

/** `full`: there is no space left. `busy`: another process has it. */
export type StorageFault = 'full' | 'busy' | 'failed'

export class StorageError extends Error {
  readonly code = 'STORAGE_FAILED'
  readonly fault: StorageFault
  constructor(message: string, fault: StorageFault) {
    super(message)
    this.name = 'StorageError'
    this.fault = fault
  }
}

/** The storage extension of that id. Throws the Collector's words if there is none. */
export function storageOf(ctx: Context, id: string): StorageExtension {
  const extension = ctx.extension(id)
  if (extension === undefined) {
    throw new Error(`storage client extension "${id}" not found: is it in service::extensions?`)
  }
  if (!('storage' in extension)) throw new Error(`non-storage extension "${id}" found`)
  return extension as StorageExtension
}
