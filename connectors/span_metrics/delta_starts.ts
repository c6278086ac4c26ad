import type { UnixTime } from '../../pipeline/data/time.ts'

/** One of a resource's: which of its metrics, and which series of that. */
export interface SeriesName {
  readonly resource: string
  readonly metric: string
  readonly labels: string
}

/** When series of deltas were sent last: the next delta of each begins there. Bounded; the one longest ago goes. */
export class DeltaStarts {
  readonly #times = new Map<string, UnixTime>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  of(name: SeriesName): UnixTime | undefined {
    return this.#times.get(keyOf(name))
  }

  set(name: SeriesName, time: UnixTime): void {
    const key = keyOf(name)
    this.#times.delete(key)
    this.#times.set(key, time)
    if (this.#times.size <= this.#limit) return
    const [oldest = ''] = this.#times.keys()
    this.#times.delete(oldest)
  }
}

const keyOf = ({ resource, metric, labels }: SeriesName): string =>
  `${resource}\0${metric}\0${labels}`
