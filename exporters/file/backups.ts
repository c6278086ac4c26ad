import { readdir, rm } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'

const DAY_MS = 86_400_000
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)\.(\d{3})$/

/** `data-2022-09-14T05-02-14.173.json` for `data.json`. */
export function backupName(path: string, date: Date, localtime: boolean): string {
  const { dir, name, ext } = parse(path)
  const shift = localtime ? date.getTimezoneOffset() * 60_000 : 0
  const time = new Date(date.getTime() - shift).toISOString().slice(0, -1).replaceAll(':', '-')
  return join(dir, `${name}-${time}${ext}`)
}

export interface Retention {
  /** 0 is all. */
  readonly maxBackups: number
  /** 0 is for ever. */
  readonly maxDays: number
  readonly localtime: boolean
}

/** Deletes older files of `path`, by the time in their names. */
export async function deleteOld(path: string, now: Date, retention: Retention): Promise<void> {
  const { name, ext } = parse(path)
  const directory = dirname(path)
  const files = (await readdir(directory)).filter(
    (file) =>
      file.startsWith(`${name}-`) && file.endsWith(ext) && timeOf(file, name, ext) !== undefined,
  )
  const newestFirst = files.sort().reverse()
  const { maxBackups, maxDays, localtime } = retention
  const shift = localtime ? now.getTimezoneOffset() * 60_000 : 0
  const oldest = now.getTime() - shift - maxDays * DAY_MS
  const old = newestFirst.filter(
    (file, i) =>
      (maxBackups > 0 && i >= maxBackups) ||
      (maxDays > 0 && (timeOf(file, name, ext) ?? 0) < oldest),
  )
  for (const file of old) await rm(join(directory, file), { force: true })
}

function timeOf(file: string, name: string, ext: string): number | undefined {
  const parts = TIME.exec(file.slice(name.length + 1, file.length - ext.length))
  if (parts === null) return undefined
  const [year = 0, month = 0, day, hour, minute, second, ms] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}
