import type { World } from './world.ts'

export type Value = string | number | readonly string[] | undefined

/** By the attribute's name; '' and undefined are none. */
export type Detected = Readonly<Record<string, Value>>

export interface Look<Options> {
  readonly world: World
  readonly options: Options
  /** Whether an attribute is wanted: what costs a request more is not asked for else. */
  readonly wants: (attribute: string) => boolean
  readonly signal: AbortSignal
}

/** The place that a detector knows is not here. */
export class NotHere extends Error {
  readonly code = 'NOT_HERE'
}

/** Throws `NotHere`, or another error if it is here and something is wrong. */
export type Detect<Options = object> = (look: Look<Options>) => Promise<Detected>

/** Attributes with whether they are on unless something is said. */
export type Attributes = Readonly<Record<string, boolean>>

/** Runs what may fail without harm. */
export async function orElse<T>(work: Promise<T>, other: T): Promise<T> {
  try {
    return await work
  } catch {
    return other
  }
}
