import type { FrameTimes } from '../chunks/reader.ts'
import { HOUSEKEEPING } from './commands.ts'
import type { Command, Reply } from './frames.ts'

/** A command that waits for its answer, or a row of silent ones that wait for the next that is not. */
export interface Waiting {
  readonly command: Command
  /** Commands of the row, or what one command asks for. */
  keys: number
  readonly startNs: number
  /** When the last byte that belongs to it moved, either way. */
  lastNs: number
  readonly tgid: number
  /** What was there. */
  found: number
  /** Code of the first error. */
  error: string
  /** Not all of it was captured. */
  partial: '' | 'memcached_cut' | 'result_uncaptured'
}

export const waitingFor = (command: Command, times: FrameTimes): Waiting => ({
  command,
  keys: command.keys,
  startNs: times.firstNs,
  lastNs: times.lastNs,
  tgid: times.tgid,
  found: 0,
  error: '',
  partial: '',
})

/** Not only a question whether all before it is done, and the like. */
export const hasSpan = ({ command }: Waiting): boolean => !HOUSEKEEPING.has(command.name)

/** A silent command that is not answered unless it has something to say. */
export const isRow = ({ command }: Waiting): boolean => command.silent === 'unless'

export function note(waiting: Waiting, { found, error }: Reply, { lastNs }: FrameTimes): void {
  if (found) waiting.found++
  if (waiting.error === '') waiting.error = error
  waiting.lastNs = lastNs
}

/** Keys that one command asks for, and its answer has none but those: nothing but END can follow. */
export const isFound = ({ command, keys, found, partial }: Waiting): boolean =>
  command.form === 'get' && !command.binary && partial === '' && found === keys

/** `row` as part of what ends it, which has the same name. */
export const joinedWith = (row: Waiting, last: Waiting): Waiting => ({
  ...last,
  keys: row.keys + last.keys,
  startNs: row.startNs,
  found: row.found + last.found,
  error: row.error || last.error,
})
