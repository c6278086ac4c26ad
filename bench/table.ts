import { median } from './measure.ts'

/** A load, with an agent or with `none`. */
export interface Measured {
  readonly variant: string
  readonly load: string
  readonly requestsPerSecond: number
  readonly p99Ms: number
  /** CPU time of the server and of the agent, per request. */
  readonly appUs: number
  readonly agentUs: number
  readonly rssMiB: number
  readonly peakMiB: number
}

export const of = <Sample extends Pick<Measured, 'variant' | 'load'>>(
  samples: readonly Sample[],
  variant: string,
  load: string,
): Sample[] => samples.filter((sample) => sample.variant === variant && sample.load === load)

export const medianOf = (
  samples: readonly Measured[],
  pick: (sample: Measured) => number,
): number => median(samples.map(pick))

function row(samples: readonly Measured[], variant: string, load: string): string {
  const base = medianOf(of(samples, 'none', load), (one) => one.requestsPerSecond)
  const mine = of(samples, variant, load)
  const rate = medianOf(mine, (one) => one.requestsPerSecond)
  const cell = (pick: (sample: Measured) => number, digits: number, width: number) =>
    medianOf(mine, pick).toFixed(digits).padStart(width)
  const cells = [
    load.padEnd(14),
    variant.padEnd(6),
    rate.toFixed(0).padStart(7),
    `${((100 * rate) / base).toFixed(0)} %`.padStart(6),
    cell((one) => one.p99Ms, 2, 8),
    cell((one) => one.appUs, 1, 8),
    cell((one) => one.agentUs, 1, 9),
    cell((one) => one.rssMiB, 0, 5),
    Math.max(...mine.map((one) => one.peakMiB))
      .toFixed(0)
      .padStart(5),
  ]
  return cells.join('  ')
}

/** A line for each load and agent, medians of what was measured. */
export function printTable(samples: readonly Measured[]): void {
  const variants = [...new Set(samples.map(({ variant }) => variant))]
  const loads = [...new Set(samples.map(({ load }) => load))]
  console.log(
    'load            agent     req/s   kept    p99 ms   app us   agent us    RSS   peak MiB',
  )
  for (const load of loads) for (const variant of variants) console.log(row(samples, variant, load))
}
