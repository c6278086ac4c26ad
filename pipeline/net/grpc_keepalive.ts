import type { ServerHttp2Session } from 'node:http2'
import { bool, duration, type Infer, object } from '../../config/fields.ts'
import { timerMs } from '../timer.ts'

const HOUR_MS = 3_600_000

const period = (defaultMs: number, text: string) =>
  duration().min(0).default(defaultMs).describe(text)

/** `keepalive` of gRPC servers. A zero is the default, as in Go's library. */
export const serverKeepaliveFields = object({
  server_parameters: object({
    max_connection_idle: period(0, 'Without a call for so long, a connection ends; 0 is never.'),
    max_connection_age: period(0, 'So old, a connection takes no more calls; 0 is any age.'),
    max_connection_age_grace: period(0, 'What calls get then to finish; 0 is any time.'),
    time: period(2 * HOUR_MS, 'Without a sign of life for so long, the client is asked for one.'),
    timeout: period(20_000, 'What it gets to answer.'),
  }).describe('When connections end.'),
  enforcement_policy: object({
    min_time: period(300_000, 'Clients that ask for signs of life more often are cut off.'),
    permit_without_stream: bool()
      .default(false)
      .describe('Whether clients may ask while no call is under way.'),
  }).describe('What clients may do.'),
}).describe('Signs of life and the age of connections.')

export type ServerKeepalive = Infer<typeof serverKeepaliveFields>

const MAX_STRIKES = 2
const ENHANCE_YOUR_CALM = 11
/** Without calls, and without the right to ask then, this is all that a client may. */
const IDLE_MIN_MS = 2 * HOUR_MS
const AGE_JITTER = 0.1

/** Holds the rules of `keepalive` over one connection. Source: grpc/doc/keepalive.md, grpc/proposal/A8, A9 */
export class ConnectionKeeper {
  readonly #session: ServerHttp2Session
  readonly #config: ServerKeepalive
  readonly #timers: NodeJS.Timeout[] = []
  #idle: NodeJS.Timeout | undefined
  #late: NodeJS.Timeout | undefined
  #calls = 0
  #lastPing = 0
  #strikes = 0

  constructor(session: ServerHttp2Session, config: ServerKeepalive) {
    this.#session = session
    this.#config = config
    session.on('ping', () => this.#onPing())
    session.on('close', () => this.#stop())
    this.#startIdle()
    this.#limitAge()
    this.#watch()
  }

  callStarted(): void {
    this.#calls += 1
    clearTimeout(this.#idle)
  }

  /** An answer was written, after which clients may ask again. */
  callEnded(): void {
    this.#calls -= 1
    this.#strikes = 0
    this.#lastPing = 0
    if (this.#calls === 0) this.#startIdle()
  }

  #startIdle(): void {
    const { max_connection_idle: ms } = this.#config.server_parameters
    if (ms > 0) this.#idle = setTimeout(() => this.#session.close(), timerMs(ms))
  }

  #limitAge(): void {
    const { max_connection_age: ms, max_connection_age_grace: grace } =
      this.#config.server_parameters
    if (ms === 0) return
    const end = () => {
      this.#session.close()
      if (grace > 0) this.#after(grace, () => this.#session.destroy())
    }
    this.#after(ms * (1 + AGE_JITTER * (2 * Math.random() - 1)), end)
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, timerMs(ms)).unref())
  }

  /** Asks for a sign of life; Node tells apart neither what it read nor when, so it asks in any case. */
  #watch(): void {
    const { time, timeout } = this.#config.server_parameters
    const every = time || 2 * HOUR_MS
    const ask = () => {
      if (this.#session.destroyed || this.#late !== undefined) return
      this.#late = setTimeout(() => this.#session.destroy(), timerMs(timeout || 20_000))
      this.#session.ping(() => {
        clearTimeout(this.#late)
        this.#late = undefined
      })
    }
    this.#timers.push(setInterval(ask, timerMs(every)).unref())
  }

  #onPing(): void {
    const { min_time, permit_without_stream: always } = this.#config.enforcement_policy
    const min = this.#calls === 0 && !always ? IDLE_MIN_MS : min_time || 300_000
    const now = performance.now()
    const early = this.#lastPing > 0 && now - this.#lastPing < min
    this.#lastPing = now
    if (!early) return
    this.#strikes += 1
    if (this.#strikes <= MAX_STRIKES) return
    // Not at once: Node 22 frees what its HTTP/2 parser, our caller, still reads.
    setImmediate(() => {
      if (this.#session.destroyed) return
      this.#session.goaway(ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'))
      this.#session.destroy()
    })
  }

  #stop(): void {
    clearTimeout(this.#idle)
    clearTimeout(this.#late)
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
