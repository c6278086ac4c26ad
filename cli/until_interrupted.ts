/** Aborts at SIGINT or SIGTERM, and when nobody reads standard output any more. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController()
  const stop = () => controller.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.once('error', stop)
  return controller.signal
}
