import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import type { Process } from './process.ts'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
const SMALL_MAX = 256 << 10 // bytes; a package.json has 2 KiB

/** Gives bytes of a file, fewer at its end. */
export type ReadAt = (offset: number, bytes: number) => Buffer

/**
 * A path as the process names it, as weir reaches it: within the process' own root, whatever mount namespace it is in.
 * Undefined when it has ended.
 */
export function reach(process: Process, path: string): string | undefined {
  const root = `/proc/${process.tgid}/root`
  if (path.startsWith('/')) return root + path
  try {
    return `${root}${readlinkSync(`/proc/${process.tgid}/cwd`)}/${path}`
  } catch {
    return undefined
  }
}

/**
 * Uses a file of a process. Whoever owns the process chose the file: a link at its end is not followed, for it would lead out of the
 * process' root; a pipe is not waited for. Undefined when there is no such regular file.
 */
export function usingFile<Result>(
  path: string | undefined,
  use: (read: ReadAt, bytes: number) => Result,
): Result | undefined {
  if (path === undefined) return undefined
  let fd = -1
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const file = fstatSync(fd)
    if (!file.isFile()) return undefined
    const read = (offset: number, bytes: number): Buffer => {
      const into = Buffer.alloc(bytes)
      return into.subarray(0, readSync(fd, into, 0, bytes, offset))
    }
    return use(read, file.size)
  } catch {
    return undefined
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}

/** The text of a small file; undefined when there is none, or when it is not small. */
export const readSmall = (path: string | undefined): string | undefined =>
  usingFile(path, (read, bytes) => (bytes > SMALL_MAX ? undefined : read(0, bytes).toString()))
