import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counts } from './test_counts.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const RESULTS = join(ROOT, 'docs/results')
const PARTIAL = join(RESULTS, '.partial')

/** One step, or all of a part. */
export interface Result extends Counts {
  readonly name: string
  readonly seconds: number
  /** What its tests measured, in their own words. */
  readonly notes: readonly string[]
}

export interface PartResult extends Result {
  readonly steps: readonly Result[]
}

const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()

const commit = () => git('rev-parse', '--short', 'HEAD')

/** Whether what was tested is more than what is committed: such a run is no proof of the commit. */
const isChanged = () => git('status', '--porcelain', '--untracked-files=no') !== ''

const pathOf = (step: string) =>
  join(PARTIAL, `${commit()}-${step.replaceAll(/[^\w.]+/g, '_')}.json`)

/** What a step gave before at this commit; undefined when it did not pass, or files have changed. */
export function earlier(step: string): Result | undefined {
  const path = pathOf(step)
  if (isChanged() || !existsSync(path)) return undefined
  const result = JSON.parse(readFileSync(path, 'utf8')) as Result
  return result.failed === 0 ? result : undefined
}

/** Keeps what a step gave, for `earlier`. */
export function keep(result: Result): void {
  if (isChanged()) return
  mkdirSync(PARTIAL, { recursive: true })
  const path = pathOf(result.name)
  writeFileSync(`${path}.new`, JSON.stringify(result))
  renameSync(`${path}.new`, path)
}

/** One line per part, aligned. */
export function table(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length))
  return results
    .map(({ name, passed, failed, skipped, seconds }) =>
      [
        name.padEnd(width),
        `${passed} passed`.padStart(12),
        `${failed} failed`.padStart(10),
        `${skipped} skipped`.padStart(11),
        `${seconds} s`.padStart(7),
      ].join(' '),
    )
    .join('\n')
}

/** Writes docs/results/tests.md and tests.json: what was run, when, at which commit. */
export function writeResults(parts: readonly PartResult[]): void {
  mkdirSync(RESULTS, { recursive: true })
  const date = new Date().toISOString()
  const tested = `${commit()}${isChanged() ? ' and changes on top' : ''}`
  const json = { date, commit: tested, parts }
  writeFileSync(join(RESULTS, 'tests.json'), `${JSON.stringify(json, null, 2)}\n`)
  const head = `# Full tests\n\n${date}, commit ${tested}, by \`npm run test:all\`.\n`
  const steps = parts.flatMap((part) => part.steps)
  const text = [head, fenced(table(parts)), '## Step by step\n', ...steps.map(stepText)]
  writeFileSync(join(RESULTS, 'tests.md'), text.join('\n'))
}

const fenced = (text: string) => `\`\`\`\n${text}\n\`\`\`\n`

function stepText({ name, passed, failed, skipped, seconds, notes }: Result): string {
  const line = `- ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`
  return [line, ...notes.map((note) => `  - ${note}`)].join('\n')
}
