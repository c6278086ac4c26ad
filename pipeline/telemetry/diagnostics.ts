import { DiagLogLevel, diag } from '@opentelemetry/api'
import type { Logger } from '../component.ts'
import { limitedLog } from './limited_log.ts'

/** Has the SDK's warnings and errors, as of an export that failed, in weir's log: each at most once a minute. */
export function sayWhatTheSdkSays(log: Logger): void {
  const limited = limitedLog(() => performance.now())
  const say =
    (write: Logger['warn']) =>
    (message: string, ...more: unknown[]) => {
      const error = [message, ...more].map((part) => (part instanceof Error ? part.message : part))
      limited(write, error.join(' '), 'Own telemetry.', { error: error.join(' ') })
    }
  const nothing = () => undefined
  diag.disable()
  diag.setLogger(
    { error: say(log.error), warn: say(log.warn), info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
