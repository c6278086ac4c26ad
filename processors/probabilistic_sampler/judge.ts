import type { Context } from '../../pipeline/component.ts'
import {
  ALWAYS,
  isSampled,
  MOST_RANDOM,
  NEVER,
  type Randomness,
  type Threshold,
} from '../../pipeline/sampling/threshold.ts'
import type { SamplerConfig } from './config.ts'
import { type Fault, type Ground, type Mode, modeOf, type Subject } from './modes.ts'

/** What a kept item says of its sampling from now on. */
export interface Marks {
  /** Undefined: what it says stays. */
  readonly threshold: Threshold | undefined
  /** Undefined: what it says stays. */
  readonly randomness: Randomness | undefined
}

/** The item passes as it is. */
const NO_MARKS: Marks = { threshold: undefined, randomness: undefined }

/** Judges items, and counts what it said. */
export class Judge {
  readonly #ctx: Context
  readonly #mode: Mode
  readonly #failClosed: boolean
  readonly #counter: string
  /** Judgements since the last `report`, by policy; what was kept and what was not. */
  readonly #counts = new Map<string, [kept: number, dropped: number]>()

  constructor(ctx: Context, config: SamplerConfig, counter: string) {
    this.#ctx = ctx
    this.#mode = modeOf(config)
    this.#failClosed = config.fail_closed
    this.#counter = counter
  }

  /** `priority` is what the item itself asks for, and wins. Undefined: the item goes. */
  judge(subject: Subject, priority: Threshold | undefined): Marks | undefined {
    const ground = this.#mode.ground(subject)
    const fault = ground.fault ?? faultOf(ground, subject)
    const decided = fault === undefined ? this.#mode.threshold(subject.carried) : this.#failed()
    const threshold = priority ?? decided
    const sampled = isSampled(threshold, ground.randomness ?? MOST_RANDOM)
    this.#count(priority === undefined ? ground.policy : 'sampling_priority', sampled)
    if (fault !== undefined) this.#ctx.count(`${sampled ? 'noted' : 'dropped'}_${fault}`, 1)
    return sampled ? marksOf(ground, fault, threshold, subject) : undefined
  }

  #failed(): Threshold {
    return this.#failClosed ? NEVER : ALWAYS
  }

  #count(policy: string, sampled: boolean): void {
    const known = this.#counts.get(policy)
    const counts = known ?? [0, 0]
    if (known === undefined) this.#counts.set(policy, counts)
    counts[sampled ? 0 : 1] += 1
  }

  /** Tells the counters what was judged. Call it once for each batch. */
  report(): void {
    for (const [policy, [kept, dropped]] of this.#counts) {
      if (kept > 0) this.#ctx.count(this.#counter, kept, { policy, sampled: 'true' })
      if (dropped > 0) this.#ctx.count(this.#counter, dropped, { policy, sampled: 'false' })
    }
    this.#counts.clear()
  }
}

function faultOf({ randomness }: Ground, { carried }: Subject): Fault | undefined {
  if (randomness === undefined) return 'missing_randomness'
  const threshold = carried?.threshold
  return threshold !== undefined && randomness < threshold ? 'inconsistent_threshold' : undefined
}

/** A threshold never becomes smaller: the item would stand for fewer than were left out for it. */
function marksOf(
  { randomness, isNew }: Ground,
  fault: Fault | undefined,
  threshold: Threshold,
  { carried }: Subject,
): Marks {
  if (carried === undefined || fault?.endsWith('_in_use')) return NO_MARKS
  const before = fault === 'inconsistent_threshold' ? undefined : carried.threshold
  return {
    threshold: before !== undefined && before > threshold ? before : threshold,
    randomness: isNew ? randomness : undefined,
  }
}
