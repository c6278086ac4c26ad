/** `npm run bench:protocols`: what weir costs servers of other protocols than HTTP/1. Options: `--help`. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { goLoad } from '../test/protocols/started.ts'
import { COMMAND_OPTIONS } from './options.ts'
import { playThere } from './place.ts'
import type { ProtocolRounds } from './protocol_rounds.ts'
import { printTable } from './table.ts'

const ROUNDS = fileURLToPath(new URL('./protocol_rounds.js', import.meta.url))
const HELP = `usage: npm run bench:protocols -- [options]

  --kernel VERSION    guest kernel: 5.10, 6.1, 6.12 (6.1)
  --host              on this machine instead of in a guest
  --rounds N          base and agents in turn, N times (3); medians are printed
  --seconds N         of each load (8)
  --warm-up N         seconds of load before it, for each agent (20)
  --icount            one CPU that executes 10^9 instructions a second: slow, and nothing else on this machine moves it
  --only NAME,NAME    these loads alone: pgbench, redis, h2load, gRPC, kafka
  --peer COMMAND      measures another agent too, started by this shell command
  --peer-root DIR     where it is started
`

const { values: options } = parseArgs({
  options: {
    ...COMMAND_OPTIONS,
    'warm-up': { type: 'string', default: '20' },
    icount: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})

/** What the rounds are told. */
function roundsArguments(): string[] {
  const { kernel: _kernel, host: _host, icount: _icount, help: _help, ...told } = options
  return Object.entries(told).flatMap(([name, value]) => [`--${name}`, value])
}

if (options.help) {
  process.stdout.write(HELP)
} else if (options.host && options.icount) {
  process.stderr.write('--icount counts what an emulated machine executes: not with --host\n')
  process.exitCode = 2
} else {
  await goLoad() // a guest has no network to bring it by
  const { samples, accounts } = await playThere<ProtocolRounds>(ROUNDS, roundsArguments(), options)
  printTable(samples)
  for (const account of new Set(accounts)) console.log(account)
}
