/** Hears of all backends, sorted, each time that they are others. */
export type Hear = (backends: readonly string[]) => void

/** Finds out who the backends are. */
export interface Resolver {
  /** As its section is named. */
  readonly name: string
  /** Resolves once it is known, or not to be found out now. */
  start(hear: Hear): Promise<void>
  stop(): Promise<void>
}
