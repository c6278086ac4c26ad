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
const isChanged = () =>
  git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!docs/results') !== ''

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

/** A part as docs/results/ keeps it: runs of some parts leave the other ones as they were. */
interface KeptPart extends PartResult {
  /** When and at which commit it was run. */
  readonly date: string
  readonly commit: string
}

const KEPT = join(RESULTS, 'tests.json')

function keptParts(): readonly KeptPart[] {
  if (!existsSync(KEPT)) return []
  return (JSON.parse(readFileSync(KEPT, 'utf8')) as { parts: KeptPart[] }).parts
}

/** Writes docs/results/tests.md and tests.json: what was run, when, at which commit. `known` are the names of all parts there are. */
export function writeResults(parts: readonly PartResult[], known: readonly string[]): void {
  mkdirSync(RESULTS, { recursive: true })
  const run = { date: new Date().toISOString(), commit: tested() }
  const all = new Map(keptParts().map((part) => [part.name, part]))
  for (const part of parts) all.set(part.name, { ...part, ...run })
  const ordered = known.flatMap((name) => all.get(name) ?? [])
  writeFileSync(KEPT, `${JSON.stringify({ parts: ordered }, null, 2)}\n`)
  const never = known.filter((name) => !all.has(name))
  writeFileSync(join(RESULTS, 'tests.md'), text(ordered, never))
}

const tested = () => `${commit()}${isChanged() ? ' and changes on top' : ''}`

function text(parts: readonly KeptPart[], never: readonly string[]): string {
  const head = '# Full tests\n\nBy `npm run test:all`; each part with the last run of its own.\n'
  const missing = never.length > 0 ? [`Not run yet: ${never.join(', ')}.\n`] : []
  const sections = parts.map(
    ({ name, date, commit, steps }) =>
      `## ${name}\n\n${date}, commit ${commit}.\n\n${steps.map(stepText).join('\n')}\n`,
  )
  return [head, fenced(table(parts)), ...missing, ...sections].join('\n')
}

const fenced = (lines: string) => `\`\`\`\n${lines}\n\`\`\`\n`

function stepText({ name, passed, failed, skipped, seconds, notes }: Result): string {
  const line = `- ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`
  return [line, ...notes.map((note) => `  - ${note}`)].join('\n')
}
