/** `npm run bench:idle`: what it costs to watch many processes that do nothing, and many that start. Options: `--help`. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Crowded } from './idle_round.ts'
import { playThere } from './place.ts'

const ROUND = fileURLToPath(new URL('./idle_round.js', import.meta.url))
const HELP = `usage: npm run bench:idle -- [options]

500 processes of 50 programs, all watched, before weir starts; then more of one of them; then 500 starts a second. In a guest one
instruction takes one nanosecond and other work on this machine changes nothing; some three minutes.

  --kernel VERSION    guest kernel: 5.10, 6.1, 6.12 (6.1)
  --host              on this machine instead of in a guest, with all that happens there
  --seconds N         of idling (60)
  --crowd N           processes more (5000)
`

const { values: options } = parseArgs({
  options: {
    kernel: { type: 'string', default: '6.1' },
    host: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '60' },
    crowd: { type: 'string', default: '5000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (options.help) {
  process.stdout.write(HELP)
} else {
  const { host, kernel, seconds, crowd } = options
  const place = { host, kernel, icount: !host }
  const { samples } = await playThere<{ readonly samples: readonly Crowded[] }>(
    ROUND,
    [seconds, crowd],
    place,
  )
  console.log(`${'what'.padEnd(44)} % of a core   CPU s   RSS MiB`)
  for (const { what, core, cpuSeconds, rssMiB } of samples) {
    const cells = [
      what.padEnd(44),
      core === undefined ? '-'.padStart(11) : (100 * core).toFixed(2).padStart(11),
      cpuSeconds.toFixed(2).padStart(7),
      rssMiB.toFixed(0).padStart(9),
    ]
    console.log(cells.join(' '))
  }
}
