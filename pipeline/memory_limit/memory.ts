import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import path from 'node:path'

const UNLIMITED = 2 ** 53 // above it a cgroup says that it has no limit

export interface MemoryFiles {
  /** Where cgroups are mounted. */
  readonly root: string
  /** What /proc/self/cgroup says. */
  readonly self: string
  /** Bytes that the host has. */
  readonly host: number
}

/** Bytes that this process may use: the lowest limit of its cgroups (v2 or v1), or the memory of the host. */
export function totalMemory(files: MemoryFiles = thisProcess()): number {
  const limits = files.self.split('\n').flatMap((line) => limitsOf(line, files.root))
  return Math.min(files.host, ...limits)
}

const thisProcess = (): MemoryFiles => ({
  root: '/sys/fs/cgroup',
  self: read('/proc/self/cgroup'),
  host: totalmem(),
})

/** A line is `0::/system.slice/weir.service` in v2, `5:memory:/docker/...` in v1. A limit of any parent holds too. */
function limitsOf(line: string, root: string): number[] {
  const [id, controllers = '', group = '/'] = line.split(':')
  if (id === '0' && controllers === '') return parents(group).flatMap(limitIn(root, 'memory.max'))
  if (!controllers.split(',').includes('memory')) return []
  return parents(group).flatMap(limitIn(path.join(root, 'memory'), 'memory.limit_in_bytes'))
}

function parents(group: string): string[] {
  const names = group.split('/').filter((name) => name !== '')
  return ['/', ...names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`)]
}

const limitIn = (root: string, file: string) => (group: string) => {
  const text = read(path.join(root, group, file)).trim()
  const limit = /^\d+$/.test(text) ? Number(text) : UNLIMITED
  return limit < UNLIMITED ? [limit] : []
}

/** '' if it cannot be read: inside a container the parents are not there. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
