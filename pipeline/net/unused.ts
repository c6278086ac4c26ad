import { bool, duration } from '../../config/fields.ts'
import type { Logger } from '../component.ts'

/** Options of the Collector that tune what Node tunes itself: taken, as real files hold them, and said at start to do nothing. */
export const unusedSwitch = (why: string) =>
  bool().default(false).describe(`Taken, but without effect: ${why}.`)

export const unusedTime = (why: string) =>
  duration().min(0).default(0).describe(`Taken, but without effect: ${why}.`)

/** One line of the log for the options that are set and do nothing. */
export function warnUnused(log: Logger, options: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(options).filter((name) => Boolean(options[name]))
  if (names.length > 0) log.warn('Options without effect in weir.', { options: names.join(', ') })
}
