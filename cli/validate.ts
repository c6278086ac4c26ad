import { formatIssue } from '../config/issue.ts'
import { configurationOf } from './configuration.ts'
import type { Arguments } from './verb.ts'

/** Checks a configuration; warnings go to stderr, errors reject. */
export async function run(args: Arguments): Promise<number> {
  const { issues } = await configurationOf(args)
  for (const issue of issues) {
    if (issue.severity === 'warning') process.stderr.write(`${formatIssue(issue)}\n`)
  }
  return 0
}
