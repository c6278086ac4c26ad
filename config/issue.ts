import { type Origin, place } from './expanded.ts'

const MAX_SHOWN = 20 // names of a path

export type Severity = 'error' | 'warning' | 'info'

/** Something the reader of a configuration should be told. An error stops the start, a warning does not. */
export interface Issue {
  readonly severity: Severity
  /** Absent when it concerns no place in particular, as a section that is missing. */
  readonly origin?: Origin
  readonly path: readonly string[]
  readonly message: string
  readonly hint?: string
}

/** `agent.yaml:14:14: processors::batch::timeout: expected ...`, and the hint on a line of its own. What is no error says so. */
export function formatIssue(issue: Issue): string {
  const where = issue.origin === undefined ? [] : [place(issue.origin)]
  const path = issue.path.length === 0 ? [] : [shown(issue.path)]
  const via = issue.origin?.via === undefined ? '' : ` (from ${issue.origin.via})`
  const severity = issue.severity === 'error' ? [] : [issue.severity]
  const line = [...where, ...severity, ...path, issue.message].join(': ') + via
  return issue.hint === undefined ? line : `${line}\n  hint: ${issue.hint}`
}

/** A file that includes itself makes a path as long as the guard against that allows. */
const shown = (path: readonly string[]): string =>
  path.length <= MAX_SHOWN ? path.join('::') : `${path.slice(0, MAX_SHOWN).join('::')}::...`

/** A configuration that cannot be used. Carries every issue that was found, not the first one. */
export class ConfigError extends Error {
  readonly code = 'BAD_CONFIG'
  readonly issues: readonly Issue[]
  constructor(issues: readonly Issue[], options?: { cause?: unknown }) {
    super(issues.map(formatIssue).join('\n'), options)
    this.name = 'ConfigError'
    this.issues = issues
  }
}

/** One issue that ends everything at once. */
export const configError = (message: string, origin?: Origin, cause?: unknown): ConfigError =>
  new ConfigError(
    [{ severity: 'error', path: [], message, ...(origin === undefined ? {} : { origin }) }],
    { cause },
  )
