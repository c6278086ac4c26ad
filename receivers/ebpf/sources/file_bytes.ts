import { closeSync, openSync, readSync } from 'node:fs'
import type { ReadFile } from './image.ts'

/** Hands `use` the bytes of a file, which is open until that has returned, or what it returned has settled. */
export function usingBytes<Result>(path: string, use: (read: ReadFile) => Result): Result {
  const fd = openSync(path, 'r')
  const close = () => closeSync(fd)
  try {
    const result = use((offset, bytes) => {
      const into = Buffer.alloc(bytes)
      return into.subarray(0, readSync(fd, into, 0, bytes, offset))
    })
    if (!(result instanceof Promise)) close()
    else void result.finally(close).catch(() => undefined)
    return result
  } catch (error) {
    close()
    throw error
  }
}
