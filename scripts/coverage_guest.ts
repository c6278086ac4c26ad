/** `npm run coverage:guest -- 6.1`: plays docs/coverage.md's lines that probes read under another kernel, and enters them into the page. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GUEST_LINE, withGuest } from '../test/coverage/page.ts'
import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS } from '../test/guest/kernels.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PAGE = `${ROOT}docs/coverage.md`
const TEST = 'dist/test/coverage/coverage.test.js'
const TIMEOUT_MS = 3_600_000

const [kernel = ''] = process.argv.slice(2)
if (!GUEST_KERNELS.some((one) => one === kernel)) {
  process.stderr.write(`usage: npm run coverage:guest -- ${GUEST_KERNELS.join('|')}\n`)
  process.exitCode = 2
} else {
  const node = `${process.execPath} --enable-source-maps`
  const { output, exitCode } = await runInGuest({
    kernel,
    command: `cd '${ROOT}' && exec ${node} dist/scripts/test_files.js --concurrency=1 ${TEST}`,
    env: { WEIR_EMULATED: '1', WEIR_ROW: process.env['WEIR_ROW'] ?? '' },
    onOutput: (text) => process.stdout.write(text),
    timeoutMs: TIMEOUT_MS,
  })
  const line = output.split(/\r?\n/).find((text) => text.includes(GUEST_LINE))
  const told = line?.slice(line.indexOf(GUEST_LINE) + GUEST_LINE.length)
  if (told === undefined) throw new Error('the run in the guest ended without a result')
  const { release, family, names } = JSON.parse(told) as {
    readonly release: string
    readonly family: string
    readonly names: readonly string[]
  }
  const commit = execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8' })
  const when = new Date().toISOString().slice(0, 10)
  const about = `${when}, Linux ${release}, hooks ${family}, commit ${commit.trim()}`
  const page = readFileSync(PAGE, 'utf8')
  writeFileSync(PAGE, withGuest(page, { kernel, about, names: new Set(names) }))
  process.exitCode = exitCode
}
