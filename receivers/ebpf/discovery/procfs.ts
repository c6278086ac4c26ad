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
  const stat = readStat(tgid, proc)
  if (stat === undefined) return undefined
  const { comm, fields } = stat
  const startTicks = BigInt(fields[19] ?? '0')
  return {
    tgid,
    parent: Number(fields[1] ?? '0'),
    startedNs: Number(startTicks * TICK_NS - epochBootNs),
    cpuBeforeNs: cpuOf(fields),
    comm,
    exePath: readExePath(tgid, proc),
    args: splitNul(readText(`${folder}/cmdline`) ?? ''),
    env: readNamingVariables(tgid, proc) ?? new Map(),
    cgroup: readCgroup(tgid, proc) ?? NO_CGROUP,
  }
}

/** Nanoseconds of CPU that all its threads have used since it started, in steps of 10 ms; undefined when it has ended. */
export function readCpuNs(tgid: number, proc = '/proc'): number | undefined {
  const stat = readStat(tgid, proc)
  return stat && cpuOf(stat.fields)
}

/** utime and stime of /proc/PID/stat. */
const cpuOf = (fields: readonly string[]): number =>
  Number(TICK_NS) * (Number(fields[11] ?? '0') + Number(fields[12] ?? '0'))

/** Of /proc/PID/stat: the name of the program, and all that follows it. */
function readStat(tgid: number, proc: string) {
  const stat = readText(`${proc}/${tgid}/stat`)
  if (stat === undefined) return undefined
  // The name stands in brackets and may hold brackets and spaces itself.
  const close = stat.lastIndexOf(')')
  const comm = stat.slice(stat.indexOf('(') + 1, close)
  return { comm, fields: stat.slice(close + 2).split(' ') }
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
