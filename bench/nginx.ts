/** `npm run bench`: what weir costs nginx, in one boot of an emulated two-CPU machine. Options: `--help`. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runInGuest } from '../test/guest/guest.ts'
import { median } from './measure.ts'
import type { Rounds, Sample } from './nginx_rounds.ts'

const ROUNDS = fileURLToPath(new URL('./nginx_rounds.js', import.meta.url))
const HELP = `usage: npm run bench -- [options]

  --kernel VERSION    guest kernel: 5.10, 6.1, 6.12 (6.1)
  --host              on this machine instead of in a guest
  --rounds N          base and agents in turn, N times (3); medians are printed
  --seconds N         of each load (8)
  --peer COMMAND      measures another agent too, started by this shell command
  --peer-root DIR     where it is started
  --no-icount         leaves out instructions per request
`

const { values: options } = parseArgs({
  options: {
    kernel: { type: 'string', default: '6.1' },
    host: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    peer: { type: 'string' },
    'peer-root': { type: 'string' },
    'no-icount': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

function roundsArguments(icount: boolean): string[] {
  const args = [
    ROUNDS,
    '--rounds',
    icount ? '1' : options.rounds,
    '--seconds',
    icount ? '1' : options.seconds,
  ]
  if (icount) args.push('--icount')
  if (options.peer && !icount) args.push('--peer', options.peer)
  if (options['peer-root'] && !icount) args.push('--peer-root', options['peer-root'])
  return args
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? ''

async function playRounds(icount: boolean): Promise<Rounds> {
  const args = roundsArguments(icount)
  if (options.host) {
    return JSON.parse(
      lastLine(execFileSync(process.execPath, args, { encoding: 'utf8' })),
    ) as Rounds
  }
  const words = [process.execPath, ...args].map((word) => `'${word}'`)
  const { output, exitCode } = await runInGuest({
    kernel: options.kernel,
    command: words.join(' '),
    icount,
    timeoutMs: 3_600_000,
  })
  const line = output.split('\n').find((text) => text.startsWith('{"samples"'))
  if (exitCode !== 0 || !line) throw new Error(`the bench ended with ${exitCode}:\n${output}`)
  return JSON.parse(line) as Rounds
}

const of = (samples: readonly Sample[], variant: string, load: string) =>
  samples.filter((sample) => sample.variant === variant && sample.load === load)

const medianOf = (samples: readonly Sample[], pick: (sample: Sample) => number) =>
  median(samples.map(pick))

function row(samples: readonly Sample[], variant: string, load: string): string {
  const base = medianOf(of(samples, 'none', load), (one) => one.requestsPerSecond)
  const mine = of(samples, variant, load)
  const rate = medianOf(mine, (one) => one.requestsPerSecond)
  const cells = [
    load.padEnd(12),
    variant.padEnd(6),
    rate.toFixed(0).padStart(7),
    `${((100 * rate) / base).toFixed(0)} %`.padStart(6),
    medianOf(mine, (one) => one.p99Ms)
      .toFixed(2)
      .padStart(8),
    medianOf(mine, (one) => one.appUs)
      .toFixed(1)
      .padStart(8),
    medianOf(mine, (one) => one.agentUs)
      .toFixed(1)
      .padStart(9),
    medianOf(mine, (one) => one.rssMiB)
      .toFixed(0)
      .padStart(5),
    Math.max(...mine.map((one) => one.peakMiB))
      .toFixed(0)
      .padStart(5),
  ]
  return cells.join('  ')
}

function printRounds({ samples, accounts }: Rounds): void {
  const variants = [...new Set(samples.map(({ variant }) => variant))]
  const loads = [...new Set(samples.map(({ load }) => load))]
  console.log(
    'load          agent     req/s   kept    p99 ms   app us   agent us    RSS   peak MiB',
  )
  for (const load of loads) for (const variant of variants) console.log(row(samples, variant, load))
  for (const account of new Set(accounts)) console.log(account)
  for (const load of loads) {
    const [sample] = of(samples, 'weir', load)
    console.log(`\nBPF programs per request, ${load}:`)
    for (const [name, { runs, ns }] of Object.entries(sample?.programs ?? {})) {
      console.log(
        `  ${name.padEnd(24)} ${runs.toFixed(3).padStart(8)} runs ${ns.toFixed(0).padStart(7)} ns`,
      )
    }
  }
}

/** One instruction is one nanosecond of guest time, and the one CPU never idles. */
function printInstructions({ samples }: Rounds): void {
  console.log('\nguest instructions per request, weir frozen (icount)')
  for (const load of new Set(samples.map((sample) => sample.load))) {
    const thousands = (variant: string) =>
      1e6 / medianOf(of(samples, variant, load), (one) => one.requestsPerSecond)
    const [base, watched] = [thousands('none'), thousands('weir')]
    console.log(
      `${load.padEnd(6)} ${base.toFixed(1)}k without, ${watched.toFixed(1)}k with: ${(watched - base).toFixed(1)}k added`,
    )
  }
}

if (options.help) {
  process.stdout.write(HELP)
} else {
  printRounds(await playRounds(false))
  if (!options.host && !options['no-icount']) printInstructions(await playRounds(true))
}
