import { readFileSync, statSync } from 'node:fs'

/** `process 123 (weir)`: who has locked a file, as far as the kernel tells us. */
export function lockHolder(path: string): string {
  try {
    const { ino } = statSync(path)
    const lock = readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .find((line) => line.includes(`:${ino} `))
    const pid = lock?.match(/WRITE (\d+) /)?.[1]
    if (pid === undefined) return 'another process'
    return `process ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  } catch {
    return 'another process' // of another namespace, or gone meanwhile
  }
}
