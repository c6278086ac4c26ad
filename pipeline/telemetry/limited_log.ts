import type { Logger } from '../component.ts'
import type { Fields } from './logger.ts'

const INTERVAL_MS = 60_000
const MAX_CAUSES = 1000 // remembered at once; more are logged as they come

/** Logs each cause at most once a minute, with how often it came since. `now` is in milliseconds. */
export function limitedLog(now: () => number) {
  const causes = new Map<string, { since: number; suppressed: number }>()
  return (log: Logger['warn'], cause: string, message: string, fields: Fields): void => {
    const known = causes.get(cause)
    if (known !== undefined && now() - known.since < INTERVAL_MS) {
      known.suppressed += 1
      return
    }
    if (causes.size >= MAX_CAUSES) causes.clear()
    causes.set(cause, { since: now(), suppressed: 0 })
    const suppressed = known?.suppressed ?? 0
    log(message, suppressed === 0 ? fields : { ...fields, suppressed })
  }
}
