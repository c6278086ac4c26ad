import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { addon } from './addon.ts'

export type HostLock =
  /** `release` is safe twice. */
  | { readonly held: true; release(): void }
  /** Another process has it; 0 when its id cannot be read. */
  | { readonly held: false; readonly pid: number }

/**
 * Takes the lock that only one process at a time can have, and writes our pid into its file for others to read. It ends with `release`
 * or with the process, however that ends; the file stays. Throws when the file cannot be made.
 */
export function takeHostLock(path: string): HostLock {
  let fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  if (!addon.tryLock(fd)) {
    const pid = Number.parseInt(readFileSync(fd, 'utf8'), 10)
    closeSync(fd)
    return { held: false, pid: Number.isNaN(pid) ? 0 : pid }
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid}\n`, 0)
  const release = () => {
    if (fd >= 0) closeSync(fd)
    fd = -1
  }
  return { held: true, release }
}
