import type { Component, Context } from '../component.ts'
import { messageOf } from '../message_of.ts'
import { limitedLog } from '../telemetry/limited_log.ts'
import { timerMs } from '../timer.ts'

/** Calls `send` now and then, and once more at the end. What is refused is lost, and counted. */
export class PeriodicFlush implements Component {
  readonly #ctx: Context
  readonly #intervalMs: number
  readonly #send: () => Promise<void>
  readonly #log
  #timer: NodeJS.Timeout | undefined
  #underWay: Promise<void> = Promise.resolve()

  constructor(ctx: Context, intervalMs: number, send: () => Promise<void>) {
    this.#ctx = ctx
    this.#intervalMs = intervalMs
    this.#send = send
    this.#log = limitedLog(ctx.now)
  }

  start(): Promise<void> {
    this.#timer = setInterval(() => void this.flush(), timerMs(this.#intervalMs))
    this.#timer.unref()
    return Promise.resolve()
  }

  /** One after the other; never rejects. */
  flush(): Promise<void> {
    this.#underWay = this.#underWay.then(this.#send).catch((error: unknown) => {
      this.#ctx.count('dropped_flushes', 1)
      const reason = messageOf(error)
      this.#log(this.#ctx.log.warn, reason, 'metrics were not taken', { error: reason })
    })
    return this.#underWay
  }

  async shutdown(): Promise<void> {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.flush()
  }
}
