import type { SamplingConfig } from './logs_fields.ts'

const MAX_MESSAGES = 4096 // remembered at once

/** Says of each message whether it is one too many: after `initial` equal ones in a tick only each `thereafter`th is written. */
export class Sampler {
  readonly #config: SamplingConfig
  readonly #now: () => number
  readonly #seen = new Map<string, { until: number; count: number }>()

  /** `now` in milliseconds. */
  constructor(config: SamplingConfig, now: () => number) {
    this.#config = config
    this.#now = now
  }

  drops(level: string, message: string): boolean {
    const { tick, initial, thereafter } = this.#config
    const key = `${level}\0${message}`
    const now = this.#now()
    const known = this.#seen.get(key)
    if (known === undefined || now >= known.until) {
      if (this.#seen.size >= MAX_MESSAGES) this.#seen.clear()
      this.#seen.set(key, { until: now + tick, count: 1 })
      return initial === 0 && thereafter !== 1
    }
    known.count += 1
    if (known.count <= initial) return false
    return thereafter === 0 || (known.count - initial) % thereafter !== 0
  }
}
