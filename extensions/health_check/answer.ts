import type { AggregateStatus, StatusKind } from '../../pipeline/status/aggregate.ts'
import type { ComponentHealth } from './config.ts'

/** An answer to a probe; `body` is JSON unless it is text. */
export interface Answer {
  readonly code: number
  readonly body: unknown
}

/** What the Collector calls a status. */
const NAMES: Readonly<Record<StatusKind, string>> = {
  starting: 'StatusStarting',
  ok: 'StatusOK',
  recoverable_error: 'StatusRecoverableError',
  permanent_error: 'StatusPermanentError',
  fatal_error: 'StatusFatalError',
  stopping: 'StatusStopping',
  stopped: 'StatusStopped',
}

const CODES: Readonly<Record<StatusKind, number>> = {
  starting: 503,
  ok: 200,
  recoverable_error: 200,
  permanent_error: 200,
  fatal_error: 500,
  stopping: 503,
  stopped: 503,
}

/** Whether a status is good enough, by what the configuration counts as ill health. */
export function isHealthy(status: AggregateStatus, health: ComponentHealth, now: number): boolean {
  if (status.kind === 'permanent_error') return !health.include_permanent_errors
  if (status.kind === 'recoverable_error' && health.include_recoverable_errors) {
    return now < status.at + health.recovery_duration
  }
  return status.kind !== 'fatal_error'
}

/** Whether work is done at all. */
export const isServing = ({ kind }: AggregateStatus): boolean => CODES[kind] === 200

/** The answer of version 2. `started` and `now` in milliseconds since 1970. */
export function statusAnswer(
  status: AggregateStatus,
  options: {
    readonly health: ComponentHealth
    readonly verbose: boolean
    readonly started: number
    readonly now: number
  },
): Answer {
  const { health, verbose, started, now } = options
  const written = (one: AggregateStatus): object => ({
    healthy: isHealthy(one, health, now),
    status: NAMES[one.kind],
    ...(one.error !== undefined && { error: one.error }),
    status_time: timeOf(one.at),
    ...(verbose &&
      one.parts.size > 0 && {
        components: Object.fromEntries([...one.parts].map(([name, part]) => [name, written(part)])),
      }),
  })
  return {
    code: isHealthy(status, health, now) ? CODES[status.kind] : 500,
    body: { start_time: timeOf(started), ...written(status) },
  }
}

const timeOf = (ms: number): string => new Date(ms).toISOString()

const NEVER = '0001-01-01T00:00:00Z'

/** The answer of version 1; `since` is when weir became ready, undefined if it is not. */
export function readyAnswer(
  since: number | undefined,
  now: number,
  texts: { readonly healthy: string; readonly unhealthy: string } | undefined,
): Answer {
  const code = since === undefined ? 503 : 200
  if (texts !== undefined)
    return { code, body: since === undefined ? texts.unhealthy : texts.healthy }
  if (since === undefined) {
    return { code, body: { status: 'Server not available', upSince: NEVER, uptime: '' } }
  }
  const body = {
    status: 'Server available',
    upSince: timeOf(since),
    uptime: goDuration(now - since),
  }
  return { code, body }
}

/** As Go writes it: `1h2m3.004s`, `250ms`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = `${(ms % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
