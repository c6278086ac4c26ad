import { constants } from 'node:os'

/** Programs that a probe in their own file harms, by the file's name. */
const HARMED: readonly [name: RegExp, why: string][] = [
  [/^clickhouse/, 'it checks its own code when it starts, and refuses to with a probe in it'],
]

/** Signals by which a program ends that its own code, or what was done to it, has broken. */
const CRASHES = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS'] as const
const NAMES = new Map<number, string>(CRASHES.map((name) => [constants.signals[name], name]))
const SIGNAL_BITS = 0x7f

/** Why a file gets no probe, whatever is in it; '' if it may have some. */
export function harmOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const why = HARMED.find(([pattern]) => pattern.test(name))?.[1]
  return why === undefined ? '' : `never probed: ${why}`
}

/** The signal of a crash, '' when a process ended otherwise. `exitCode` as in task_struct: what wait(2) tells. */
export const crashOf = (exitCode: number): string => NAMES.get(exitCode & SIGNAL_BITS) ?? ''

/** Go takes such signals itself, says where it was, and ends with this. */
const GO_FAULT = 2 << 8

/** The same of a Go program, some of which end so for other reasons. */
export const goCrashOf = (exitCode: number): string =>
  exitCode === GO_FAULT ? 'a panic or fault' : crashOf(exitCode)
