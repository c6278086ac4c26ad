import { readdirSync, readlinkSync } from 'node:fs'
import { NO_CGROUP, readCgroup } from './cgroup.ts'
import { namingVariables } from './environment.ts'
import { readText } from './proc_text.ts'
import type { Process } from './process.ts'

/** The kernel's USER_HZ: what /proc counts time in, 100 on every architecture that weir runs on. */
const TICK_NS = 10_000_000n

/** Ids of all processes that run now. */
export function listTgids(proc = '/proc'): number[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** What /proc says of a process, or undefined when it has ended. Kernel threads are processes without executable. */
export function readProcess(
  tgid: number,
  epochBootNs: bigint,
  proc = '/proc',
): Process | undefined {
  const folder = `${proc}/${tgid}`
  const stat = readText(`${folder}/stat`)
  if (stat === undefined) return undefined
  // The name stands in brackets and may hold brackets and spaces itself.
  const close = stat.lastIndexOf(')')
  const fields = stat.slice(close + 2).split(' ')
  const startTicks = BigInt(fields[19] ?? '0')
  return {
    tgid,
    parent: Number(fields[1] ?? '0'),
    startedNs: Number(startTicks * TICK_NS - epochBootNs),
    comm: stat.slice(stat.indexOf('(') + 1, close),
    exePath: readExePath(tgid, proc),
    args: splitNul(readText(`${folder}/cmdline`) ?? ''),
    env: readNamingVariables(tgid, proc) ?? new Map(),
    cgroup: readCgroup(tgid, proc) ?? NO_CGROUP,
  }
}

/** The variables that name a process, undefined when its environment cannot be read. */
export function readNamingVariables(
  tgid: number,
  proc = '/proc',
): ReadonlyMap<string, string> | undefined {
  const environ = readText(`${proc}/${tgid}/environ`)
  return environ === undefined ? undefined : namingVariables(splitNul(environ))
}

/** The executable as the process' own mount namespace names it; '' when it cannot be read. */
export function readExePath(tgid: number, proc = '/proc'): string {
  try {
    return readlinkSync(`${proc}/${tgid}/exe`).replace(/ \(deleted\)$/, '')
  } catch {
    return ''
  }
}

/** Whether this user may not look at it. Kernel threads, which have no arguments, hide nothing. */
export function isHidden(tgid: number, proc = '/proc'): boolean {
  try {
    readlinkSync(`${proc}/${tgid}/exe`)
    return false
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'EACCES'
    return refused && (readText(`${proc}/${tgid}/cmdline`) ?? '') !== ''
  }
}

/** Texts that are ended by NUL, as arguments and environment are. */
export const splitNul = (text: string): string[] =>
  text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
