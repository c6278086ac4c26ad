import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { Damage } from '../storage.ts'
import { Database, type DatabaseOptions, PAGE_BYTES, type Row } from './database.ts'

/** Saved records of one transaction. */
const STEP = 50
/** Ids between two readable ones that are asked for one by one. */
const MAX_GAP = 1 << 20

/**
 * Renames a damaged file, and puts what can still be read of it into a new one, under the ids of before. The file must
 * not be open. The old one stays.
 */
export function salvage(options: DatabaseOptions, stamp: string): { db: Database; damage: Damage } {
  const setAside = `${options.path}.damaged-${stamp}`
  renameSync(options.path, setAside)
  const journal = `${options.path}-journal`
  if (existsSync(journal)) renameSync(journal, `${setAside}-journal`)
  const old = openDamaged(setAside, options)
  const db = new Database(options)
  try {
    const lost = old === undefined ? { records: 0, items: 0 } : copyRecords(old, db)
    if (old !== undefined) copyPairs(old, db)
    return { db, damage: { kind: 'damaged', ...lost, setAside } }
  } catch (error) {
    db.close()
    renameSync(setAside, options.path) // as on a full disk: the next attempt begins again
    throw error
  } finally {
    old?.close()
  }
}

/** The file as it is, else with a first page as every file of ours has it; undefined if neither can be read. */
function openDamaged(path: string, options: DatabaseOptions): DatabaseSync | undefined {
  for (const repair of [false, true]) {
    if (repair) replaceFirstPage(path, options)
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(path)
      db.prepare('SELECT id FROM records WHERE id = 0').get()
      return db
    } catch {
      db?.close()
    }
  }
  return undefined
}

/**
 * The first page holds the header and the schema, which are the same in all our files but for some counts. Without these
 * counts SQLite takes the size of the file, so a cut one can be read up to its end.
 * Source: https://www.sqlite.org/fileformat.html#the_database_header
 */
function replaceFirstPage(path: string, options: DatabaseOptions): void {
  const template = `${path}-template`
  new Database({ ...options, path: template }).close()
  const page = readFileSync(template).subarray(0, PAGE_BYTES)
  rmSync(template)
  rmSync(`${template}-journal`, { force: true })
  page.fill(0, 28, 40) // size in pages, first page of the free list, size of the free list
  const file = openSync(path, 'r+')
  writeSync(file, page, 0, page.length, 0)
  closeSync(file)
}

interface Head {
  readonly id: number
  readonly items: number
  /** Whether something names this record; else its id lies between two others. */
  readonly named: boolean
}

function copyRecords(old: DatabaseSync, db: Database): { records: number; items: number } {
  const heads = headsOf(old)
  const lost = { records: 0, items: 0 }
  for (let i = 0; i < heads.length; i += STEP) {
    db.transaction(() => {
      for (const { id, items, named } of heads.slice(i, i + STEP)) {
        const row = readRow(old, id)
        if (typeof row === 'object') db.append(row, id)
        else if (named || row === 'damaged') {
          lost.records += 1
          lost.items += items
        }
      }
    })
  }
  return lost
}

function readRow(old: DatabaseSync, id: number): Row | 'damaged' | 'missing' {
  try {
    const row = old.prepare('SELECT items, meta, crc, body FROM records WHERE id = ?').get(id)
    if (row === undefined) return 'missing'
    const { items, meta, crc, body } = row as unknown as Row & { readonly crc: number }
    return crc32(body) === crc ? { items, meta, body } : 'damaged'
  } catch {
    return 'damaged'
  }
}

/** Of all records that the index or the table knows; if both are damaged, of all between them too. */
function headsOf(old: DatabaseSync): readonly Head[] {
  const items = new Map<number, number>()
  const note = ({ id, items: n }: { id?: SQLOutputValue; items?: SQLOutputValue }) =>
    items.set(Number(id), Number(n ?? items.get(Number(id)) ?? 0))
  const table = walk(old, 'SELECT id FROM records NOT INDEXED', note)
  const index = walk(old, 'SELECT id, items FROM records INDEXED BY heads', note)
  const named = [...items].map(([id, n]) => ({ id, items: n, named: true })).sort(byId)
  return table || index ? named : named.flatMap((head, i) => [head, ...between(head, named[i + 1])])
}

const byId = (a: Head, b: Head) => a.id - b.id

function between({ id }: Head, next: Head | undefined): readonly Head[] {
  const length = Math.min((next?.id ?? id + 1) - id - 1, MAX_GAP)
  return Array.from({ length }, (_, i) => ({ id: id + 1 + i, items: 0, named: false }))
}

/** Gives the rows before the first damaged page, and those after the last one. True if there is none. */
function walk(
  db: DatabaseSync,
  select: string,
  note: (row: Readonly<Record<string, SQLOutputValue>>) => void,
): boolean {
  for (const order of ['ASC', 'DESC']) {
    try {
      for (const row of db.prepare(`${select} ORDER BY id ${order}`).iterate()) note(row)
      return order === 'ASC'
    } catch {
      // From the other end, then.
    }
  }
  return false
}

function copyPairs(old: DatabaseSync, db: Database): void {
  try {
    for (const row of old.prepare('SELECT key, value FROM pairs').iterate()) {
      db.set([{ key: String(row['key']), value: row['value'] as Uint8Array }])
    }
  } catch {
    // The rest of them is in the file that was set aside.
  }
}
