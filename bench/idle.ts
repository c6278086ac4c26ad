/** `npm run bench:idle`: what it costs to watch many processes that do nothing, and many that start. Options: `--help`. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Crowded, HEAD, lineOf } from './idle_table.ts'
import { playThere } from './place.ts'

const ROUND = fileURLToPath(new URL('./idle_round.js', import.meta.url))
const HELP = `usage: npm run bench:idle -- [options]

500 processes of 50 programs, all watched, before weir starts; then more of one of them; then 500 starts a second. In a guest one
instruction takes one nanosecond and other work on this machine changes nothing, but that it takes longer: 10 minutes of a core at least.
Lines are shown as they come, and together at the end.

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
  console.log([HEAD, ...samples.map(lineOf)].join('\n'))
}
