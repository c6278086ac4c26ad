/**
 * Runs compiled test files on the Node that runs this, and ends with `N passed, N failed, N skipped`.
 *
 *   test_files.js --concurrency=N FILE ...
 *
 * Prints a line per file, each failure whole and each skip with its reason. A file without a test has failed, and so have a
 * suite of which a hook or its own code throws, and a skip that docs/kernel-support.md does not list.
 */
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { inspect, parseArgs } from 'node:util'
import { closingLine } from './test_counts.ts'
import { listedSkips } from './test_skips.ts'

const isLong = process.env['WEIR_FULL'] === '1' || process.env['WEIR_EMULATED'] === '1'
const FILE_TIMEOUT_MS = (isLong ? 180 : 15) * 60_000

const END_CHILDREN = new URL('../test/support/end_children.js', import.meta.url).href

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string', default: '1' } },
})

const total = { passed: 0, failed: 0, skipped: 0 }
const say = (line: string) => process.stdout.write(`${line}\n`)
/** As its source is called. */
const short = (file: string | undefined) =>
  (file ?? '').replace(`${process.cwd()}/`, '').replace(/^dist\/(.+)\.js$/, '$1.ts')

const stream = run({
  files: positionals,
  concurrency: Number(values.concurrency),
  timeout: FILE_TIMEOUT_MS,
  execArgv: ['--import', END_CHILDREN],
})

/** Of suites: what failed are tests in it, which are told themselves. */
const OF_TESTS = ['subtestsFailed', 'cancelledByParent']

const kindOf = (failure: Error) => ('failureType' in failure ? String(failure.failureType) : '')

stream.on('test:fail', ({ name, file, line, details }) => {
  if (details.type === 'suite' && OF_TESTS.includes(kindOf(details.error))) return
  total.failed++
  const cause = details.error.cause ?? details.error
  say(`FAILED ${name}\n  ${short(file)}:${line}\n${inspect(cause).replaceAll(/^/gm, '  ')}`)
})

const maySkip = listedSkips()

function skipped(name: string, file: string | undefined, reason: string | boolean): void {
  if (maySkip.has(name)) {
    total.skipped++
    say(`skipped ${name}: ${reason}`)
  } else {
    total.failed++
    say(`FAILED ${name}: ${short(file)} skips it, and docs/kernel-support.md does not list that`)
  }
}

stream.on('test:pass', ({ name, file, skip, todo, details }) => {
  const reason = skip ?? todo
  if (reason !== undefined) skipped(name, file, reason)
  else if (details.type === 'suite') return
  else if (short(name) === short(file)) {
    total.failed++
    say(`FAILED ${short(file)}: has no test`)
  } else total.passed++
})

stream.on('test:diagnostic', ({ file, message }) => {
  if (file !== undefined) say(`  note: ${message}`)
})

stream.on('test:stderr', ({ message }) => process.stdout.write(message))
stream.on('test:stdout', ({ message }) => process.stdout.write(message))

stream.on('test:summary', ({ file, counts, duration_ms }) => {
  if (file === undefined) return
  const seconds = (duration_ms / 1000).toFixed(1)
  say(`${short(file)}  ${counts.passed} of ${counts.tests}  ${seconds} s`)
})

await finished(stream.resume())
if (total.passed + total.failed + total.skipped === 0) total.failed = 1
say(closingLine(total))
process.exitCode = total.failed === 0 ? 0 : 1
