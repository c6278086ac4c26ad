import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { FileReading } from '../sources/source.ts'
import type { Hits } from './probe_hits.ts'

/** What probes have cost the process that they are in. */
export interface ProbeCost {
  readonly hits: number
  /** Nanoseconds of CPU for one: to get into the kernel and back, measured on weir itself; undefined where that could not be. */
  readonly trapNs: number | undefined
  /** For one: in the program of the probe, timed on each 64th hit in this process. */
  readonly programNs: number
  /** All of them, nanoseconds of CPU. */
  readonly cpuNs: number
}

/** `stepped`: how much of the probes that it may hit the kernel single-steps, 0 to 1. */
export function probeCost(hits: Hits, stepped: number, traps: TrapCosts | undefined): ProbeCost {
  const trapNs = traps && stepped * traps.steppedNs + (1 - stepped) * traps.emulatedNs
  const programNs = hits.timed === 0 ? 0 : hits.timedNs / hits.timed
  return { hits: hits.hits, trapNs, programNs, cpuNs: hits.hits * ((trapNs ?? 0) + programNs) }
}

/** Probes of some files: how many, and how many of them are of the costly sort. */
export function countProbes(files: Iterable<FileReading>): {
  readonly probes: number
  readonly stepped: number
} {
  const probes = [...files].flatMap((file) => file.probes)
  const costly = probes.filter(({ emulated, retprobe }) => retprobe || !emulated)
  return { probes: probes.length, stepped: costly.length }
}
