/**
 * `npm run coverage:guest -- 6.1`: plays docs/coverage.md's lines that probes read under another kernel, and enters each into the page
 * as it comes out right. Lines that the page has already are left out, so that a run goes on where the last one ended; `--again` plays
 * all. WEIR_FULL=1: every version, as the page has them.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GUEST_LINE, guestsOf, withGuest } from '../test/coverage/page.ts'
import { isForGuests, nameOf } from '../test/coverage/row.ts'
import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS } from '../test/guest/kernels.ts'
import { full } from '../test/size.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PAGE = `${ROOT}docs/coverage.md`
const TEST = 'dist/test/coverage/coverage.test.js'
const TIMEOUT_MS = 3 * 3_600_000

/** A line that came out right, as the test tells it. */
interface Told {
  readonly release: string
  readonly family: string
  readonly name: string
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { again: { type: 'boolean', default: false } },
})
const [kernel = ''] = positionals
const commit = execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8' }).trim()
const today = new Date().toISOString().slice(0, 10)

/** A part of a line's name: no others are played. */
const wanted = process.env['WEIR_ROW'] ?? ''

const readPage = () => readFileSync(PAGE, 'utf8')

/** Of this run. */
const entered = new Set<string>()

function enter({ release, family, name }: Told, kept: readonly string[]): void {
  entered.add(name)
  const before = kept.length > 0 ? ' and before' : ''
  const about = `${today}, Linux ${release}, hooks ${family}, commit ${commit}${before}`
  const names = new Set([...kept, ...entered])
  writeFileSync(PAGE, withGuest(readPage(), { kernel, about, names }))
}

async function play(): Promise<number> {
  const page = guestsOf(readPage()).find((guest) => guest.kernel === kernel)
  const kept = values.again ? [] : [...(page?.names ?? [])]
  // Brings what a guest, which has no network, plays.
  const { coverageRows } = await import('../test/coverage/rows.ts')
  const names = coverageRows
    .filter((row) => (full || row.small) && isForGuests(row))
    .map(nameOf)
    .filter((name) => name.includes(wanted))
  const left = names.filter((name) => !kept.includes(name))
  process.stdout.write(`${left.length} of ${names.length} lines to play under ${kernel}\n`)
  if (left.length === 0) return 0
  let rest = ''
  const { exitCode } = await runInGuest({
    kernel,
    command: `cd '${ROOT}' && exec ${process.execPath} --enable-source-maps dist/scripts/test_files.js --concurrency=1 ${TEST}`,
    env: {
      WEIR_EMULATED: '1',
      WEIR_FULL: full ? '1' : '',
      WEIR_PLAYED: kept.join('\n'),
      WEIR_ROW: wanted,
    },
    onOutput: (text) => {
      process.stdout.write(text)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, told] = line.split(GUEST_LINE)
        if (told !== undefined) enter(JSON.parse(told) as Told, kept)
      }
    },
    timeoutMs: TIMEOUT_MS,
  })
  return exitCode
}

if (GUEST_KERNELS.some((one) => one === kernel)) {
  process.exitCode = await play()
} else {
  process.stderr.write(`usage: npm run coverage:guest -- ${GUEST_KERNELS.join('|')} [--again]\n`)
  process.exitCode = 2
}
