import { readFileSync } from 'node:fs'

/** A file of /proc, or undefined when its process has ended or may not be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
