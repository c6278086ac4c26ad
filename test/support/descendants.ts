import { readdirSync, readFileSync } from 'node:fs'

/** Processes that a process started, and those that they started, youngest first. */
export function descendants(pid: number | string): string[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map((tid) => readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8'))
    const children = lists.flatMap((list) => list.split(' ')).filter((child) => child !== '')
    return [...children.flatMap(descendants), ...children]
  } catch {
    return [] // it has ended
  }
}
