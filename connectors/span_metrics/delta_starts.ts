import type { UnixTime } from '../../pipeline/data/time.ts'

/** When series of deltas were sent last: the next delta of each begins there. Bounded; the one longest ago goes. */
export class DeltaStarts {
  readonly #times = new Map<string, UnixTime>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  of(key: string): UnixTime | undefined {
    return this.#times.get(key)
  }

  set(key: string, time: UnixTime): void {
    this.#times.delete(key)
    this.#times.set(key, time)
    if (this.#times.size <= this.#limit) return
    const [oldest = ''] = this.#times.keys()
    this.#times.delete(oldest)
  }
}
