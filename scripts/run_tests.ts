/**
 * Runs the tests, part by part, and sums them up.
 *
 *   run_tests.js [PART ...]   all parts when none is named; an unknown name lists them
 *   run_tests.js --resume [PART ...]   leaves out steps that passed at this commit, and writes docs/results/ after each part
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Counts, closingLine, readClosingLine, sum } from './test_counts.ts'
import { findParts, type Part, ROOT, type Step } from './test_parts.ts'
import { earlier, keep, type PartResult, type Result, table, writeResults } from './test_results.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { resume: { type: 'boolean', default: false } },
})

/** What a test says of itself: the first line of it. */
const NOTE = /^ {2}note: (.+)$/gm

/** Runs a command and shows its output as it comes. */
function runCommand(command: readonly string[]): Promise<Counts & Pick<Result, 'notes'>> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const notes = [...output.matchAll(NOTE)].map(([, note = '']) => note)
      resolve({ ...readClosingLine(output, code), notes })
    })
  })
}

async function runStep(part: Part, step: Step): Promise<Result> {
  const name = `${part.name} ${step.name}`
  const before = values.resume ? earlier(name) : undefined
  if (before) return before
  const started = performance.now()
  const counts = 'command' in step ? await runCommand(step.command) : await step.run()
  const seconds = Math.round((performance.now() - started) / 1000)
  const result = { notes: [], ...counts, name, seconds }
  if (values.resume) keep(result)
  return result
}

async function runPart(part: Part): Promise<PartResult> {
  process.stdout.write(`\n== ${part.name}\n`)
  const steps: Result[] = []
  for (const step of part.steps) steps.push(await runStep(part, step))
  const seconds = steps.reduce((all, one) => all + one.seconds, 0)
  return { name: part.name, notes: [], ...sum(steps), seconds, steps }
}

async function main(): Promise<number> {
  const parts = await findParts()
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) {
    const known = parts.map(({ name }) => name).join(' ')
    process.stderr.write(`no such part: ${unknown.join(', ')}; parts: ${known}\n`)
    return 1
  }
  const chosen = parts.filter(({ name, onlyNamed }) =>
    positionals.length > 0 ? positionals.includes(name) : !onlyNamed,
  )
  const known = parts.filter(({ onlyNamed }) => !onlyNamed).map(({ name }) => name)
  const results: PartResult[] = []
  for (const part of chosen) {
    const played = await runPart(part)
    results.push(played)
    if (values.resume) writeResults([played], known)
  }
  const total = sum(results)
  process.stdout.write(`\n${table(results)}\n\n${closingLine(total)}\n`)
  return total.failed === 0 ? 0 : 1
}

process.exitCode = await main()
