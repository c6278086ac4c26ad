import { random } from './random.ts'
import { FUZZ_TARGETS } from './targets.ts'

/** One input may take so much CPU time: by the wall, a busy machine would fail good code. */
export const INPUT_LIMIT_MS = 500
/** What a hypervisor takes is in the CPU time, too; an input that is slow by itself is slow each time. */
const TIMES = 3

export interface FuzzFailure {
  readonly target: string
  readonly seed: number
  readonly cause: unknown
}

export interface FuzzResult {
  readonly inputs: number
  readonly slowestMs: number
  readonly failure: FuzzFailure | undefined
}

/** Plays one input; returns its CPU time, in milliseconds. Throws what the target throws. */
export function playSeed(target: string, seed: number): number {
  const play = FUZZ_TARGETS[target]
  if (play === undefined) {
    throw new Error(
      `fuzz ${target}: no such target, expected ${Object.keys(FUZZ_TARGETS).join(', ')}`,
    )
  }
  let tookMs = 0
  for (let i = 0; i < TIMES; i++) {
    const started = process.cpuUsage()
    play(random(seed))
    const { user, system } = process.cpuUsage(started)
    tookMs = (user + system) / 1000
    if (tookMs <= INPUT_LIMIT_MS) return tookMs
  }
  throw new Error(`took ${tookMs.toFixed(0)} ms`)
}

/** Plays seeds from `firstSeed` on until one fails, `inputs` are done or the clock says `untilMs`. */
export function fuzz(
  target: string,
  firstSeed: number,
  inputs: number,
  untilMs: number,
): FuzzResult {
  let slowestMs = 0
  let done = 0
  for (; done < inputs && performance.now() < untilMs; done++) {
    const seed = firstSeed + done
    try {
      slowestMs = Math.max(slowestMs, playSeed(target, seed))
    } catch (cause) {
      return { inputs: done, slowestMs, failure: { target, seed, cause } }
    }
  }
  return { inputs: done, slowestMs, failure: undefined }
}
