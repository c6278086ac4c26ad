import { type Stats, unwatchFile, watchFile } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '../component.ts'
import { timerMs } from '../timer.ts'

const WATCH_MS = 1000

export interface Reload<T> {
  /** How often everything is read again, milliseconds; 0 is never. */
  readonly intervalMs: number
  /** A file whose changes are taken within a second; '' is none. */
  readonly watched: string
  read(): Promise<T>
  /** Gets what has changed since the last time. */
  apply(options: T): void
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/**
 * Keeps TLS files fresh. What cannot be read, or is refused by `apply`, leaves the last good ones in place.
 * Gives what ends it.
 */
export function keepFresh<T>(first: T, reload: Reload<T>): () => void {
  let last = first
  const refresh = async () => {
    try {
      const next = await reload.read()
      if (isDeepStrictEqual(next, last)) return
      reload.apply(next)
      last = next
      reload.log.info('TLS files were read again.')
    } catch (error) {
      reload.log.warn('TLS files cannot be read again; the last ones stay.', { error })
    }
  }
  const timer =
    reload.intervalMs > 0
      ? setInterval(() => void refresh(), timerMs(reload.intervalMs)).unref()
      : undefined
  const onChange = (now: Stats, before: Stats) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) void refresh()
  }
  const { watched } = reload
  if (watched !== '') watchFile(watched, { interval: WATCH_MS, persistent: false }, onChange)
  return () => {
    clearInterval(timer)
    if (watched !== '') unwatchFile(watched, onChange)
  }
}
