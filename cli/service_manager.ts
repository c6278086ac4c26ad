import type { Logger } from '../pipeline/component.ts'
import { describe } from '../pipeline/telemetry/logger.ts'

/** What the service manager (systemd with Type=notify) is told. Without one, nothing. */
export interface ServiceManager {
  /** From now on it also hears that we live, as often as it asked for. */
  ready(): void
  reloading(): void
  /** The reload is over; `status` is a line that `systemctl status` shows. */
  reloaded(status: string): void
  stopping(): void
}

type Notify = (path: string, message: string) => void

const NONE: ServiceManager = {
  ready: () => undefined,
  reloading: () => undefined,
  reloaded: () => undefined,
  stopping: () => undefined,
}

/**
 * The manager that started this process, by the variables it set. They are taken out of `env`: programs that we start are no service.
 * Source: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html, sd_watchdog_enabled.html
 */
export async function serviceManager(
  log: Logger,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ServiceManager> {
  const { NOTIFY_SOCKET: path = '', WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name]
  if (path === '') return NONE
  const { notify } = await import('../native/notify.ts')
  const asked = pid === undefined || Number(pid) === process.pid
  return new Systemd(path, asked ? Number(usec ?? 0) / 1000 : 0, notify, log)
}

class Systemd implements ServiceManager {
  readonly #path: string
  readonly #watchdogMs: number
  readonly #notify: Notify
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined

  /** Without a word from us for `watchdogMs` we are taken for dead; 0 for never. */
  constructor(path: string, watchdogMs: number, notify: Notify, log: Logger) {
    this.#path = path
    this.#watchdogMs = watchdogMs
    this.#notify = notify
    this.#log = log
  }

  ready(): void {
    this.#send('READY=1', 'STATUS=Running.')
    if (this.#watchdogMs === 0) return
    // Three times in that span, so that one late turn of the event loop is no death.
    this.#timer = setInterval(() => this.#send('WATCHDOG=1'), this.#watchdogMs / 3).unref()
  }

  reloading(): void {
    const monotonicUsec = process.hrtime.bigint() / 1000n
    this.#send(
      'RELOADING=1',
      `MONOTONIC_USEC=${monotonicUsec}`,
      'STATUS=Reading the configuration.',
    )
  }

  reloaded(status: string): void {
    this.#send('READY=1', `STATUS=${status}`)
  }

  /** The watchdog is fed on until the end: what hangs while it drains is to be killed, too. */
  stopping(): void {
    this.#send('STOPPING=1', 'STATUS=Draining.')
  }

  #send(...lines: string[]): void {
    try {
      this.#notify(this.#path, lines.join('\n'))
    } catch (error) {
      clearInterval(this.#timer)
      this.#log.warn('The service manager is not told any more.', { error: describe(error) })
    }
  }
}
