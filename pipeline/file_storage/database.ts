import { appendFileSync, closeSync, openSync, statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Change, RecordHead } from '../storage.ts'
import { wholeMs } from '../timer.ts'

export interface DatabaseOptions {
  readonly path: string
  /** How long another process may hold the file, in milliseconds. */
  readonly timeoutMs: number
  /** Whether each change waits for the disk: else it survives the end of the process, but not that of the machine. */
  readonly fsync: boolean
  /** Largest file, in bytes; 0 is no limit. */
  readonly maxBytes: number
}

/** Bodies of some 160 KB: with pages of 4 or 64 KiB it is a third slower. */
export const PAGE_BYTES = 16_384

const FILE_MODE = 0o600

/**
 * `heads` is the index that answers how much there is without reading bodies, and a second copy of that should a page
 * of the table be damaged.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL,
    crc INTEGER NOT NULL, meta TEXT NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS heads ON records (id, items, bytes);
  CREATE TABLE IF NOT EXISTS pairs (key TEXT PRIMARY KEY, value BLOB NOT NULL);`

/** In bytes. */
export interface FileSize {
  readonly allocated: number
  readonly used: number
}

export interface Row {
  readonly items: number
  readonly meta: string
  readonly body: Uint8Array
}

/** One SQLite file. Everything is synchronous: it lives in a thread of its own. Throws what node:sqlite throws. */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Creates the file if it is not there, and locks it until `close`. */
  constructor({ path, timeoutMs, fsync, maxBytes }: DatabaseOptions) {
    closeSync(openSync(path, 'a', FILE_MODE)) // SQLite would let everybody read it
    this.#db = new DatabaseSync(path)
    try {
      // A journal that stays is four to seven times faster than a write-ahead log for bodies of this size.
      this.#db.exec(`
        PRAGMA busy_timeout = ${wholeMs(timeoutMs)}; PRAGMA page_size = ${PAGE_BYTES}; PRAGMA cache_size = -1024;
        PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = PERSIST;
        PRAGMA synchronous = ${fsync ? 'FULL' : 'OFF'}; PRAGMA temp_store = MEMORY;
        ${maxBytes > 0 ? `PRAGMA max_page_count = ${Math.max(8, Math.floor(maxBytes / PAGE_BYTES))};` : ''}
        BEGIN EXCLUSIVE; ${TABLES} COMMIT`)
    } catch (error) {
      this.#db.close()
      throw error
    }
    reserveJournal(`${path}-journal`)
  }

  /** All that `work` does, or nothing. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN')
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** After some errors SQLite has done so already, and says that there is nothing to do. */
  #rollBack(): void {
    try {
      this.#db.exec('ROLLBACK')
    } catch {
      // The error before this one is what counts.
    }
  }

  heads(): RecordHead[] {
    const sql = 'SELECT id, items, bytes FROM records INDEXED BY heads ORDER BY id'
    return this.#prepare(sql).all() as unknown as RecordHead[]
  }

  /** Gives the id. */
  append({ items, meta, body }: Row, id: number | null = null): number {
    const sql = 'INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)'
    const values: SQLInputValue[] = [id, items, body.length, crc32(body), meta, body]
    return Number(this.#prepare(sql).run(...values).lastInsertRowid)
  }

  /** `ok` is whether the body is what was written; undefined if there is no such record. */
  read(id: number): (Row & { readonly ok: boolean }) | undefined {
    const sql = 'SELECT items, meta, crc, body FROM records WHERE id = ?'
    const row = this.#prepare(sql).get(id) as (Row & { readonly crc: number }) | undefined
    return row && { ...row, ok: crc32(row.body) === row.crc }
  }

  discard(ids: readonly number[]): void {
    for (const id of ids) this.#prepare('DELETE FROM records WHERE id = ?').run(id)
  }

  get(key: string): Uint8Array | undefined {
    return this.#prepare('SELECT value FROM pairs WHERE key = ?').get(key)?.['value'] as
      | Uint8Array
      | undefined
  }

  set(changes: readonly Change[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.#prepare('DELETE FROM pairs WHERE key = ?').run(key)
      else this.#prepare('INSERT OR REPLACE INTO pairs VALUES (?, ?)').run(key, value)
    }
  }

  size(): FileSize {
    const pages = this.#pragma('page_count')
    const used = pages - this.#pragma('freelist_count')
    return { allocated: pages * PAGE_BYTES, used: used * PAGE_BYTES }
  }

  /** Gives up to `pages` unused pages back to the file system; 0 is all of them. */
  shrink(pages: number): void {
    this.#prepare(`PRAGMA incremental_vacuum(${pages})`).all()
  }

  close(): void {
    this.#db.close()
  }

  #pragma(name: 'page_count' | 'freelist_count'): number {
    return Number(this.#prepare(`PRAGMA ${name}`).get()?.[name] ?? 0)
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** Pages of some 20 records that are removed at once. */
const JOURNAL_BYTES = 1 << 20

/**
 * Removing something writes the pages that change into the journal first. On a full disk this works only if the journal has
 * that space already; it keeps what it once had. Zeros are what SQLite takes for a journal that is not in use.
 */
function reserveJournal(path: string): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size < JOURNAL_BYTES) {
      appendFileSync(path, Buffer.alloc(JOURNAL_BYTES - size), { mode: FILE_MODE })
    }
  } catch {
    // The disk is full already: what is sent stays in the file until there is space.
  }
}

/** SQLite's result codes. Source: https://www.sqlite.org/rescode.html */
const CODES = { busy: [5, 6], full: [13], damaged: [11, 26] } as const

/** Which kind of error SQLite gave, if it was one. */
export function codeOf(error: unknown): keyof typeof CODES | 'other' {
  const { errcode } = error as { errcode?: number }
  if (errcode === undefined) return 'other'
  const primary = errcode & 0xff
  for (const [name, codes] of Object.entries(CODES)) {
    if (codes.some((code) => code === primary)) return name as keyof typeof CODES
  }
  return 'other'
}
