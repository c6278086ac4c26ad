import { closeSync } from 'node:fs'
import { addon } from './addon.ts'

const LEVELS = ['warn', 'info', 'debug'] as const

/** libbpf's own. */
export type LogLevel = (typeof LEVELS)[number]

/**
 * Sends what libbpf prints in this thread, up to `level`, to `log`, always before the call that printed it returns. Replaces
 * the log of before; without one, it is dropped.
 */
export function setLog(level: LogLevel, log: (level: LogLevel, message: string) => void): void {
  addon.setLog(LEVELS.indexOf(level), (number, message) => log(LEVELS[number] ?? 'debug', message))
}

/**
 * Both clocks at one moment, nanoseconds: the wall clock was read within `windowNs` around `bootNs`. Tries several times for the
 * tightest reading, unless one is not wider than `enoughNs`.
 */
export const readClocks = (enoughNs = 0): { bootNs: bigint; realNs: bigint; windowNs: number } =>
  addon.readClocks(enoughNs)

/** Nanoseconds of the boot clock since `epochBootNs` of it. */
export const bootNow = (epochBootNs: bigint): number => addon.bootNow(epochBootNs)

/** Soft limit of RLIMIT_MEMLOCK, bytes; Infinity for none. */
export const memlockLimit = (): number => addon.memlockLimit()

/**
 * Unmaps what is resident of the files of Node and its libraries, and returns how many bytes that was. Half of an agent's memory is
 * code that only ran at its start; what is used again comes back from the page cache.
 */
export const releaseFilePages = (): number => addon.releaseFilePages()

/** Makes the kernel count runs and run time of every BPF program until the returned function is called. */
export function enableBpfStats(): () => void {
  let fd = addon.enableStats()
  return () => {
    if (fd >= 0) closeSync(fd)
    fd = -1
  }
}
