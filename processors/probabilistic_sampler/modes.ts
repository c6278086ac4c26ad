import {
  MIN_PROBABILITY,
  MOST_RANDOM,
  NEVER,
  probabilityOf,
  type Randomness,
  randomnessOf,
  type Threshold,
  thresholdOf,
} from '../../pipeline/sampling/threshold.ts'
import type { SamplerConfig } from './config.ts'
import { BUCKETS, hashedRandomness } from './hash.ts'

/** What an item says of its own sampling. */
export interface Carried {
  readonly randomness: Randomness | undefined
  readonly threshold: Threshold | undefined
}

/** What is to be known of an item. */
export interface Subject {
  /** 32 hex digits, or ''. */
  readonly traceId: string
  /** Undefined if it cannot be read. */
  readonly carried: Carried | undefined
  /** Of a log record, the value of `from_attribute`; empty if it has none. */
  readonly attribute: Uint8Array
}

const FAULTS = {
  invalid_state: 'what the item says of its sampling is not well-formed',
  missing_randomness: 'there is nothing to decide by',
  inconsistent_threshold: 'by its own threshold the item should not be here',
  randomness_in_use: 'mode hash_seed met an item with randomness',
  threshold_in_use: 'mode hash_seed met an item with a threshold',
} as const
export type Fault = keyof typeof FAULTS

/** By what an item is judged. */
export interface Ground {
  /** Undefined: there is none. */
  readonly randomness: Randomness | undefined
  /** Where it comes from, as the Collector's counter names it. */
  readonly policy: string
  readonly fault?: Fault
  /** The item gets the randomness, since no other can work it out. */
  readonly isNew?: boolean
}

export interface Mode {
  ground(subject: Subject): Ground
  threshold(carried: Carried | undefined): Threshold
}

const MISSING: Ground = { randomness: undefined, policy: 'missing_randomness' }

/** Whether the mode is the one with the seed. */
export const usesHash = ({ mode }: Pick<SamplerConfig, 'mode'>): boolean =>
  mode === '' || mode === 'hash_seed'

/** Nothing passes but by its priority. */
const never: Mode = {
  ground: ({ carried }) => ({
    randomness: MOST_RANDOM,
    policy: 'sampling_priority',
    ...(carried === undefined && { fault: 'invalid_state' }),
  }),
  threshold: () => NEVER,
}

/** Randomness by the specification: the explicit one, or the end of the trace id. */
function specifiedGround({ carried, traceId }: Subject): Ground {
  if (carried === undefined) return { ...MISSING, fault: 'invalid_state' }
  if (carried.randomness !== undefined) {
    return { randomness: carried.randomness, policy: 'sampling_randomness' }
  }
  if (traceId === '') return MISSING
  return { randomness: randomnessOf(traceId), policy: 'trace_id_w3c' }
}

function equalizing(ratio: number, precision: number): Mode {
  const target = thresholdOf(ratio, precision)
  return {
    ground: specifiedGround,
    threshold: (carried) =>
      carried?.threshold !== undefined && carried.threshold > target ? carried.threshold : target,
  }
}

function proportional(ratio: number, precision: number): Mode {
  const unsampled = thresholdOf(ratio, precision)
  const remembered = new Map<Threshold, Threshold>()
  const multiplied = (threshold: Threshold): Threshold => {
    const product = probabilityOf(threshold) * ratio
    return product < MIN_PROBABILITY ? NEVER : thresholdOf(product, precision)
  }
  return {
    ground: specifiedGround,
    threshold(carried) {
      if (carried?.threshold === undefined) return unsampled
      let known = remembered.get(carried.threshold)
      if (known === undefined) {
        if (remembered.size >= REMEMBERED) remembered.clear()
        known = multiplied(carried.threshold)
        remembered.set(carried.threshold, known)
      }
      return known
    },
  }
}

/** Thresholds of senders are few: each is a rate that somebody configured. */
const REMEMBERED = 256

function hashGround(config: SamplerConfig, { traceId, attribute }: Subject): Ground {
  const { hash_seed: seed, attribute_source: source, from_attribute: name } = config
  if (traceId !== '' && source === 'traceID') {
    const randomness = hashedRandomness(seed, Buffer.from(traceId, 'hex'))
    return { randomness, policy: 'trace_id_hash', isNew: true }
  }
  if (attribute.length === 0) return MISSING
  return { randomness: hashedRandomness(seed, attribute), policy: name, isNew: true }
}

function hashing(config: SamplerConfig, rate: number): Mode {
  const threshold = thresholdOf(rate / BUCKETS, 14)
  return {
    ground(subject) {
      const { carried } = subject
      const ground = hashGround(config, subject)
      if (carried === undefined) return { ...ground, fault: 'invalid_state' }
      if (carried.randomness !== undefined) return { ...ground, fault: 'randomness_in_use' }
      if (carried.threshold !== undefined) return { ...ground, fault: 'threshold_in_use' }
      return ground
    },
    threshold: () => threshold,
  }
}

/** The rate is cut down to buckets in 32-bit arithmetic, as it ever was: other agents with the seed do the same. */
export function modeOf(config: SamplerConfig): Mode {
  const percentage = Math.min(100, Math.fround(config.sampling_percentage))
  if (percentage === 0) return never
  const ratio = Math.max(MIN_PROBABILITY, percentage / 100)
  if (config.mode === 'equalizing') return equalizing(ratio, config.sampling_precision)
  if (config.mode === 'proportional') return proportional(ratio, config.sampling_precision)
  const rate = Math.trunc(Math.fround(percentage * Math.fround(BUCKETS / 100)))
  return rate === 0 ? never : hashing(config, rate)
}
