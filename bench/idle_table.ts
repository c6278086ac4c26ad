/** One state of the agent. */
export interface Crowded {
  readonly what: string
  /** Of its time, how much the agent ran; undefined for what has no length. */
  readonly core: number | undefined
  readonly cpuSeconds: number
  readonly rssMiB: number
}

export const HEAD = `${'what'.padEnd(44)} % of a core   CPU s   RSS MiB`

/** Below `HEAD`. */
export const lineOf = ({ what, core, cpuSeconds, rssMiB }: Crowded): string =>
  [
    what.padEnd(44),
    core === undefined ? '-'.padStart(11) : (100 * core).toFixed(2).padStart(11),
    cpuSeconds.toFixed(2).padStart(7),
    rssMiB.toFixed(0).padStart(9),
  ].join(' ')
