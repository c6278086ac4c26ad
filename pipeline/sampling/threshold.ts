/**
 * Rejection thresholds and randomness of consistent probability sampling: numbers of 56 bits, here as 14 hex digits in small
 * letters. Texts of one length compare as the numbers do, and 56 bits do not fit into a JavaScript number.
 * Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/ (OTEP 235)
 */
export type Threshold = string
export type Randomness = string

const DIGITS = 14
const RANGE = 2 ** 56
const BITS_OF_DIGIT = 4

export const ALWAYS: Threshold = '0'.repeat(DIGITS)
/** Larger than every randomness. */
export const NEVER: Threshold = 'g'
/** Passes every threshold but `NEVER`. */
export const MOST_RANDOM: Randomness = 'f'.repeat(DIGITS)
/** The least probability that has a threshold. */
export const MIN_PROBABILITY = 1 / RANGE

export const isSampled = (threshold: Threshold, randomness: Randomness): boolean =>
  randomness >= threshold

/** The randomness of a trace whose id is random: its last 56 bits. `traceId` is 32 hex digits in small letters. */
export const randomnessOf = (traceId: string): Randomness => traceId.slice(-DIGITS)

/** A `th`: zeros at its end may be missing. Undefined if it is none. */
export const parseThreshold = (text: string): Threshold | undefined =>
  /^[\da-f]{1,14}$/i.test(text) ? text.toLowerCase().padEnd(DIGITS, '0') : undefined

/** An `rv`: all 14 digits. Undefined if it is none. */
export const parseRandomness = (text: string): Randomness | undefined =>
  /^[\da-f]{14}$/i.test(text) ? text.toLowerCase() : undefined

/** A `th` without the zeros at its end. */
export const thresholdText = (threshold: Threshold): string => threshold.replace(/0+$/, '') || '0'

export const probabilityOf = (threshold: Threshold): number =>
  Number(BigInt(RANGE) - BigInt(`0x${threshold}`)) / RANGE

/**
 * The threshold of a probability, 2^-56 to 1, rounded to `precision` hex digits that tell: `f`s or `0`s that the
 * threshold of a very small or large probability begins with do not count.
 */
export function thresholdOf(probability: number, precision: number): Threshold {
  if (probability === 1) return ALWAYS
  const least = Math.max(leadingDigits(probability), leadingDigits(1 - probability))
  const digits = Math.min(DIGITS, precision + least)
  const exact = BigInt(RANGE) - BigInt(Math.round(probability * RANGE))
  const shift = BigInt(BITS_OF_DIGIT * (DIGITS - digits))
  const half = shift === 0n ? 0n : 1n << (shift - 1n)
  const rounded = ((exact + half) >> shift) << shift
  return rounded.toString(16).padStart(DIGITS, '0')
}

/** Zeros after the point, in hex. */
const leadingDigits = (share: number): number =>
  share === 0 ? 0 : Math.max(0, Math.trunc((-1 - Math.floor(Math.log2(share))) / BITS_OF_DIGIT))
