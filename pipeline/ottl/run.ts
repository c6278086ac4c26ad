import type { Context } from '../component.ts'
import { messageOf } from '../message_of.ts'
import { limitedLog } from '../telemetry/limited_log.ts'
import type { Frame, Test } from './frame.ts'
import type { Compiled, Program } from './program.ts'

export const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const
export type ErrorMode = (typeof ERROR_MODES)[number]

/** Told of every failure of a text with an item; throws if the batch shall not go on. */
export type OnFailure = (text: string, error: unknown) => void

/** What happens to failures: `propagate` gives the batch up, `ignore` logs once a minute for each text; all are counted. */
export function failuresOf(ctx: Context, mode: ErrorMode): OnFailure {
  const log = limitedLog(ctx.now)
  return (text, error) => {
    ctx.count('ottl_failures', 1)
    const reason = messageOf(error)
    if (mode === 'propagate') throw new Error(`${text}: ${reason}`, { cause: error })
    if (mode === 'ignore')
      log(ctx.log.warn, text, 'a statement failed', { statement: text, error: reason })
  }
}

/** Whether one of the conditions is true. One that fails is false, unless `onFailure` throws. */
export function anyTrue(
  conditions: readonly Compiled<Test>[],
  frame: Frame,
  onFailure: OnFailure,
): boolean {
  for (const { text, run } of conditions) {
    try {
      if (run(frame)) return true
    } catch (error) {
      onFailure(text, error)
    }
  }
  return false
}

/** Runs the statements on one item. After one that fails come the others, unless `onFailure` throws. */
export function runProgram(program: Program, frame: Frame, onFailure: OnFailure): void {
  const { conditions, statements } = program
  if (conditions.length > 0 && !anyTrue(conditions, frame, onFailure)) return
  for (const { text, run } of statements) {
    try {
      run(frame)
    } catch (error) {
      onFailure(text, error)
    }
  }
}
