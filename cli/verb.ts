/** A flag that a verb takes. */
export interface Flag {
  /** What stands for the value in the help; a flag without one is a switch. */
  readonly value?: string
  readonly short?: string
  readonly repeatable?: boolean
  /** '' is a value. */
  readonly mayBeEmpty?: boolean
  readonly about: string
}

export type Flags = Readonly<Record<string, Flag>>

/** What was given on the command line: switches are `true`, repeatable flags lists. */
export interface Arguments {
  readonly flags: Readonly<
    Record<string, string | boolean | readonly (string | boolean)[] | undefined>
  >
  readonly words: readonly string[]
}

/** One verb of the command line. Its code is loaded when it runs, so that none pays for another. */
export interface Verb {
  readonly name: string
  /** Another name that is taken, and not listed. */
  readonly alias?: string
  /** One line for the list of verbs. */
  readonly summary: string
  /** What else its help says. */
  readonly details?: string
  /** The names of the words it takes after its flags. */
  readonly words?: readonly string[]
  /** The last of these may be given any number of times. */
  readonly repeatsWord?: boolean
  readonly flags: Flags
  /** Gives the exit code. */
  run(args: Arguments): Promise<number>
}

/** A mistake on the command line. */
export class UsageError extends Error {
  readonly code = 'USAGE'
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

/** The values of a repeatable flag, in order. */
export function valuesOf(args: Arguments, name: string): readonly string[] {
  const value = args.flags[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** The value of a flag that may be given once. */
export function textOf(args: Arguments, name: string): string | undefined {
  const value = args.flags[name]
  return typeof value === 'string' ? value : undefined
}
