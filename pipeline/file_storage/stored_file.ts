import { writeFileSync } from 'node:fs'
import { type Damage, StorageError, type StoredRecord } from '../storage.ts'
import { codeOf, Database, type DatabaseOptions } from './database.ts'
import { lockHolder } from './lock_holder.ts'
import type { Operation, Operations, Reply, Request } from './messages.ts'
import { salvage } from './salvage.ts'

/** What is done within a transaction. */
type Inner = Exclude<Operation, 'open' | 'close'>

/** A file that repairs itself: what damage takes is set aside, what is left goes on. */
export class StoredFile {
  readonly #options: DatabaseOptions
  #db: Database
  /** Found while it was opened. */
  readonly damage: Damage | undefined
  /** Where what was missed lately may be. */
  #setAside = ''

  /** Throws what SQLite throws, but for damage. */
  constructor(options: DatabaseOptions) {
    this.#options = options
    try {
      this.#db = openWhole(options)
    } catch (error) {
      if (codeOf(error) !== 'damaged') throw error
      const saved = salvage(options, stamp())
      this.#db = saved.db
      this.damage = saved.damage
      this.#setAside = saved.damage.setAside
    }
  }

  /** All in one transaction; should one of them fail, each in its own. */
  run(requests: readonly Request[]): readonly Reply[] {
    try {
      return this.#db.transaction(() => requests.map((one) => this.#apply(one)))
    } catch {
      return requests.map((one) => this.#alone(one))
    }
  }

  close(): void {
    this.#db.close()
  }

  #alone(request: Request): Reply {
    try {
      return this.#db.transaction(() => this.#apply(request))
    } catch (error) {
      if (codeOf(error) !== 'damaged') return this.#failed(request, error)
    }
    try {
      this.#repair()
      return this.#db.transaction(() => this.#apply(request))
    } catch (error) {
      return this.#failed(request, error)
    }
  }

  #failed({ number, operation }: Request, error: unknown): Reply {
    const { message, fault } = explain(operation, this.#options.path, error)
    return { number, message, fault }
  }

  #repair(): void {
    this.#db.close()
    const { db, damage } = salvage(this.#options, stamp())
    this.#db = db
    this.#setAside = damage.setAside
  }

  #apply({ number, operation, input }: Request): Reply {
    const work = this.#work[operation as Inner] as (input: unknown) => unknown
    return { number, result: work(input) }
  }

  readonly #work: { [O in Inner]: (input: Operations[O][0]) => Operations[O][1] } = {
    records: () => this.#db.heads(),
    append: (record) => this.#db.append(record),
    read: ({ id }) => this.#read(id),
    discard: ({ ids }) => void this.#db.discard(ids),
    get: ({ key }) => this.#db.get(key),
    set: ({ changes }) => void this.#db.set(changes),
    size: () => this.#db.size(),
    shrink: ({ pages }) => void this.#db.shrink(pages),
  }

  #read(id: number): StoredRecord | Damage {
    const row = this.#db.read(id)
    if (row?.ok) return { kind: 'record', body: row.body, meta: row.meta }
    const items = row?.items ?? 0
    if (row !== undefined) {
      this.#setAside = `${this.#options.path}.damaged-${stamp()}-record-${id}`
      writeFileSync(this.#setAside, row.body)
      this.#db.discard([id])
    }
    return { kind: 'damaged', records: 1, items, setAside: this.#setAside }
  }
}

/** Throws if what says how much there is cannot be read. */
function openWhole(options: DatabaseOptions): Database {
  const db = new Database(options)
  try {
    db.heads()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A part of a file's name that says when. */
const stamp = () => new Date().toISOString().replaceAll(/[:.]/g, '-')

/** The operator's words for what went wrong. */
export function explain(operation: Operation, path: string, error: unknown): StorageError {
  const { message } = error as Error
  const what = `file_storage: ${operation} "${path}"`
  switch (codeOf(error)) {
    case 'busy':
      return new StorageError(
        `${what}: ${lockHolder(path)} has it open; each process needs a directory of its own`,
        'busy',
      )
    case 'full':
      return new StorageError(`${what}: no space left on the disk, or max_size is reached`, 'full')
    default:
      return new StorageError(`${what}: ${message}`, 'failed')
  }
}
