import type { Logger } from '../pipeline/component.ts'

export interface Stop {
  /** Resolves with the exit code once there is a reason to stop. */
  readonly code: Promise<number>
  /** Stops with exit code 1. */
  fail(): void
}

/** Waits for SIGINT or SIGTERM. The second one ends the process at once. */
export function untilStopped(log: Logger): Stop {
  const { promise, resolve } = deferred<number>()
  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    signals++
    if (signals > 1) process.exit(128 + (signal === 'SIGINT' ? 2 : 15))
    log.info('Received signal from OS', { signal })
    resolve(0)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', () => undefined) // while the agent starts it means nothing, and must not end it
  return { code: promise, fail: () => resolve(1) }
}

/** `Promise.withResolvers`, which the library that we compile against (es2023) does not have. */
function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((take) => {
    resolve = take
  })
  return { promise, resolve }
}
