import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A collection that frees less than this share is not worth its time. */
const EFFECTIVE = 0.05
/** Below it a doubled interval would end before the next look. */
const OF_CHECK_INTERVAL = 0.95

export interface IntervalLimits {
  readonly minMs: number
  /** 0: the interval does not grow. */
  readonly maxMs: number
  readonly checkMs: number
}

/** How long to wait between collections by force: twice as long after each that freed next to nothing. */
export class GcInterval {
  readonly #limits: IntervalLimits
  #grownMs = 0

  constructor(limits: IntervalLimits) {
    this.#limits = limits
  }

  get ms(): number {
    return Math.max(this.#limits.minMs, this.#grownMs)
  }

  reset(): void {
    this.#grownMs = 0
  }

  /** A collection took `before` bytes down to `after`. */
  collected(before: number, after: number): void {
    const { minMs, maxMs, checkMs } = this.#limits
    if (maxMs === 0 || before - after >= before * EFFECTIVE) {
      this.reset()
      return
    }
    const least = Math.max(minMs, checkMs * OF_CHECK_INTERVAL)
    this.#grownMs = Math.min(maxMs, Math.max(least, this.ms) * 2)
  }
}

let collect: (() => void) | undefined

/** A full garbage collection, now. V8 only gives the function to a context made after the flag. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
  }
  collect()
}
