import type { Change, Damage, RecordHead, StorageFault, StoredRecord } from '../storage.ts'
import type { DatabaseOptions, FileSize } from './database.ts'

/** What a thread does for others: the operations, and what each resolves with. */
export interface Operations {
  open: [options: DatabaseOptions, result: Damage | undefined]
  records: [file: string, result: readonly RecordHead[]]
  append: [record: { file: string; items: number; meta: string; body: Uint8Array }, id: number]
  read: [record: { file: string; id: number }, result: StoredRecord | Damage]
  discard: [records: { file: string; ids: readonly number[] }, result: undefined]
  get: [pair: { file: string; key: string }, value: Uint8Array | undefined]
  set: [pairs: { file: string; changes: readonly Change[] }, result: undefined]
  size: [file: string, result: FileSize]
  /** Gives that many unused pages back to the file system; 0 is all. */
  shrink: [part: { file: string; pages: number }, result: undefined]
  close: [file: string, result: undefined]
}

export type Operation = keyof Operations

export interface Request<O extends Operation = Operation> {
  readonly number: number
  readonly operation: O
  readonly input: Operations[O][0]
}

export type Reply =
  | { readonly number: number; readonly result: unknown }
  | { readonly number: number; readonly message: string; readonly fault: StorageFault }
