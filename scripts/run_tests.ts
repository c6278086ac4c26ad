/**
 * Runs the tests, part by part, and sums them up.
 *
 *   run_tests.js [PART ...]   unit oldest_node kernel truth faults guest-5.10 guest-6.1 guest-6.12; all when none is named
 *   run_tests.js --resume     leaves out parts that passed at this commit, and writes docs/results/
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS } from '../test/guest/kernels.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const RESULTS = join(ROOT, 'docs/results')
const OLDEST_NODE = '22.15.0'
const PART_TIMEOUT_MS = 20 * 60_000

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Part {
  readonly name: string
  readonly run: () => Promise<Counts>
}

interface PartResult extends Counts {
  readonly name: string
  readonly seconds: number
}

/** Reads node:test's closing lines. Without them, or without a test, the run has failed. */
export function countsOf(output: string, exitCode: number | null): Counts {
  const count = (word: string) =>
    Number(output.match(new RegExp(`^ℹ ${word} (\\d+)$`, 'm'))?.[1] ?? 0)
  const counts = {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
  }
  const ran = counts.passed + counts.failed > 0
  return exitCode === 0 && ran ? counts : { ...counts, failed: Math.max(1, counts.failed) }
}

const testFiles = (...patterns: string[]) =>
  globSync(patterns, { cwd: join(ROOT, 'dist'), exclude: ['node_modules/**'] })
    .map((file) => join('dist', file))
    .sort()

const unitFiles = () => [
  ...testFiles('**/*.test.js').filter((file) => !file.startsWith('dist/test/')),
  ...testFiles('test/{contract,golden,fuzz}/*.test.js'),
]

function runFiles(node: string, files: readonly string[], concurrency: number): Promise<Counts> {
  if (files.length === 0) return Promise.resolve({ passed: 0, failed: 1, skipped: 0 })
  const args = [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
  ]
  const child = spawn(node, [...args, ...files], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PART_TIMEOUT_MS,
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stdout.write(chunk)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(countsOf(output, code)))
  })
}

async function oldestNode(): Promise<string> {
  const module: unknown = await import(pathToFileURL(join(ROOT, 'scripts/setup/node.mjs')).href)
  return (module as { bringNode: (version: string) => string }).bringNode(OLDEST_NODE)
}

/** In a guest this script runs again, on the guest's kernel. */
async function runGuest(kernel: string): Promise<Counts> {
  const command = `cd ${ROOT} && exec ${process.execPath} dist/scripts/run_tests.js kernel guest_truth`
  const { output, exitCode } = await runInGuest({
    kernel,
    command,
    env: { WEIR_FULL: process.env['WEIR_FULL'] ?? '' },
    onOutput: (text) => process.stdout.write(text),
    timeoutMs: PART_TIMEOUT_MS,
  })
  const last = output.match(/^(\d+) passed, (\d+) failed, (\d+) skipped/m)
  if (!last) return { passed: 0, failed: 1, skipped: 0 }
  const [passed = 0, failed = 0, skipped = 0] = last.slice(1).map(Number)
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed), skipped }
}

const rootTests = (name: string, pattern: string): Part => ({
  name,
  run: () => runFiles(process.execPath, testFiles(pattern), 1),
})

const PARTS: readonly Part[] = [
  { name: 'unit', run: () => runFiles(process.execPath, unitFiles(), 2) },
  { name: 'oldest_node', run: async () => runFiles(await oldestNode(), unitFiles(), 2) },
  rootTests('kernel', 'test/kernel/*.test.js'),
  rootTests('truth', 'test/truth/*.test.js'),
  rootTests('faults', 'test/faults/*.test.js'),
  ...GUEST_KERNELS.map(
    (kernel): Part => ({ name: `guest-${kernel}`, run: () => runGuest(kernel) }),
  ),
]

/** Only named, inside a guest: the rows that guests have programs for. */
const GUEST_PART = rootTests('guest_truth', 'test/guest/truth.guest.js')

const commit = () =>
  execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim()

const partialPath = (part: string) => join(RESULTS, '.partial', `${commit()}-${part}.json`)

function earlier(part: string): PartResult | undefined {
  if (!existsSync(partialPath(part))) return undefined
  const result = JSON.parse(readFileSync(partialPath(part), 'utf8')) as PartResult
  return result.failed === 0 ? result : undefined
}

async function runPart(part: Part, resume: boolean): Promise<PartResult> {
  const before = resume ? earlier(part.name) : undefined
  if (before) return before
  process.stdout.write(`\n== ${part.name}\n`)
  const started = performance.now()
  const counts = await part.run()
  const result = {
    name: part.name,
    ...counts,
    seconds: Math.round((performance.now() - started) / 1000),
  }
  if (resume) {
    mkdirSync(join(RESULTS, '.partial'), { recursive: true })
    writeFileSync(partialPath(part.name), JSON.stringify(result))
  }
  return result
}

const table = (results: readonly PartResult[]) =>
  results
    .map(({ name, passed, failed, skipped, seconds }) =>
      [
        name.padEnd(12),
        `${passed} passed`,
        `${failed} failed`,
        `${skipped} skipped`,
        `${seconds} s`,
      ].join('  '),
    )
    .join('\n')

function writeResults(results: readonly PartResult[]): void {
  const date = new Date().toISOString().slice(0, 10)
  const text = `# Full tests, ${date}, commit ${commit()}\n\n\`\`\`\n${table(results)}\n\`\`\`\n`
  writeFileSync(join(RESULTS, `tests-${date}-${commit()}.md`), text)
}

async function main(args: readonly string[]): Promise<number> {
  const resume = args.includes('--resume')
  const names = args.filter((arg) => arg !== '--resume')
  const known = [...PARTS, GUEST_PART]
  const unknown = names.filter((name) => !known.some((part) => part.name === name))
  if (unknown.length > 0) {
    process.stderr.write(
      `no such part: ${unknown.join(', ')}; parts: ${known.map(({ name }) => name).join(' ')}\n`,
    )
    return 1
  }
  const results: PartResult[] = []
  for (const part of names.length > 0 ? known.filter(({ name }) => names.includes(name)) : PARTS) {
    results.push(await runPart(part, resume))
  }
  process.stdout.write(`\n${table(results)}\n`)
  if (resume) writeResults(results)
  const sum = (pick: (counts: Counts) => number) =>
    results.reduce((total, one) => total + pick(one), 0)
  const failed = sum((one) => one.failed)
  process.stdout.write(
    `${sum((one) => one.passed)} passed, ${failed} failed, ${sum((one) => one.skipped)} skipped\n`,
  )
  return failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
