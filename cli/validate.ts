import { formatIssue } from '../config/issue.ts'
import type { Logger } from '../pipeline/component.ts'
import { Counters } from '../pipeline/telemetry/counters.ts'
import { buildGraph } from './build.ts'
import { configurationOf } from './configuration.ts'
import type { Arguments } from './verb.ts'

const ignore = () => undefined
const SILENT: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Checks a configuration: builds every component, starts none; warnings go to stderr, errors reject. */
export async function run(args: Arguments): Promise<number> {
  const configuration = await configurationOf(args)
  buildGraph(configuration, { log: SILENT, counters: new Counters(), now: () => 0 })
  for (const issue of configuration.issues) {
    if (issue.severity === 'warning') process.stderr.write(`${formatIssue(issue)}\n`)
  }
  return 0
}
