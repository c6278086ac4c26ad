/** `npm run bench`: what weir costs nginx, in one boot of an emulated two-CPU machine. Options: `--help`. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Rounds } from './nginx_rounds.ts'
import { COMMAND_OPTIONS } from './options.ts'
import { playThere } from './place.ts'
import { medianOf, of, printTable } from './table.ts'

const ROUNDS = fileURLToPath(new URL('./nginx_rounds.js', import.meta.url))
const HELP = `usage: npm run bench -- [options]

  --kernel VERSION    guest kernel: 5.10, 6.1, 6.12 (6.1)
  --host              on this machine instead of in a guest
  --rounds N          base and agents in turn, N times (3); medians are printed
  --seconds N         of each load (8)
  --peer COMMAND      measures another agent too, started by this shell command
  --peer-root DIR     where it is started
  --only NAME,NAME    these loads alone: HTTP, HTTPS, HTTP file, HTTP 400/s, HTTPS 400/s
  --no-icount         leaves out instructions per request
`

const { values: options } = parseArgs({
  options: {
    ...COMMAND_OPTIONS,
    'no-icount': { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

function roundsArguments(icount: boolean): string[] {
  const args = [
    '--rounds',
    icount ? '1' : options.rounds,
    '--seconds',
    icount ? '1' : options.seconds,
  ]
  if (icount) args.push('--icount')
  if (options.only) args.push('--only', options.only)
  if (options.peer && !icount) args.push('--peer', options.peer)
  if (options['peer-root'] && !icount) args.push('--peer-root', options['peer-root'])
  return args
}

const playRounds = (icount: boolean): Promise<Rounds> =>
  playThere(ROUNDS, roundsArguments(icount), { host: options.host, kernel: options.kernel, icount })

function printRounds({ samples, accounts }: Rounds): void {
  printTable(samples)
  for (const account of new Set(accounts)) console.log(account)
  for (const load of new Set(samples.map((sample) => sample.load))) {
    const [sample] = of(samples, 'weir', load)
    console.log(`\nBPF programs per request, ${load}:`)
    for (const [name, { runs, ns }] of Object.entries(sample?.programs ?? {})) {
      console.log(
        `  ${name.padEnd(24)} ${runs.toFixed(3).padStart(8)} runs ${ns.toFixed(0).padStart(7)} ns`,
      )
    }
  }
}

/** One instruction is one nanosecond of the CPU time of nginx and wrk. */
function printInstructions({ samples, whole }: Rounds): void {
  console.log('\nguest instructions per request, weir frozen (icount)')
  for (const load of new Set(samples.map((sample) => sample.load))) {
    const thousands = (variant: string) =>
      1e6 / medianOf(of(samples, variant, load), (one) => one.requestsPerSecond)
    const [base, watched] = [thousands('none'), thousands('weir')]
    console.log(
      `${load.padEnd(6)} ${base.toFixed(1)}k without, ${watched.toFixed(1)}k with: ${(watched - base).toFixed(1)}k added`,
    )
  }
  console.log('\nthe same machine, one CPU, saturated, with weir at work')
  for (const load of new Set(whole.map((one) => one.load))) {
    const [base, watched] = ['none', 'weir'].map((variant) => of(whole, variant, load)[0])
    if (base === undefined || watched === undefined) continue
    const kept = (100 * watched.requestsPerSecond) / base.requestsPerSecond
    console.log(
      `${load.padEnd(9)} ${kept.toFixed(0)} % of ${base.requestsPerSecond.toFixed(0)} requests per billion instructions kept, ${watched.agentUs.toFixed(1)}k of each request are the agent's`,
    )
  }
}

if (options.help) {
  process.stdout.write(HELP)
} else {
  printRounds(await playRounds(false))
  if (!options.host && !options['no-icount']) printInstructions(await playRounds(true))
}
