import { unwatchFile, watchFile } from 'node:fs'
import { ConfigError, formatIssue } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import type { Logger } from '../pipeline/component.ts'
import { describe } from '../pipeline/telemetry/logger.ts'
import type { Agent } from './agent.ts'

/** How often watched files are looked at; a stat also sees the swapped links of a Kubernetes ConfigMap. */
const WATCH_INTERVAL_MS = 2000

interface Reloading {
  readonly agent: Agent
  readonly log: Logger
  readonly read: () => Promise<Configuration>
  /** Called if neither the new nor the old configuration starts. */
  readonly fail: () => void
}

/** Reads the configuration again at each SIGHUP, and at each change of `files`. One at a time.
 * Gives what ends that, once the last one is through. */
export function reloadOnDemand(
  files: readonly string[],
  reloading: Reloading,
): () => Promise<void> {
  let last = Promise.resolve()
  const reload = () => {
    last = last.then(() => reloadOnce(reloading))
  }
  process.on('SIGHUP', reload)
  for (const file of files) watchFile(file, { interval: WATCH_INTERVAL_MS }, reload)
  return () => {
    process.off('SIGHUP', reload)
    for (const file of files) unwatchFile(file, reload)
    return last
  }
}

async function reloadOnce({ agent, log, read, fail }: Reloading): Promise<void> {
  log.info('Reading the configuration again...')
  try {
    await agent.replace(await read())
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      log.error('No configuration starts any more.', { error: describe(error) })
      return fail()
    }
    log.error('The new configuration is bad, the old one runs on.', {
      issues: error.issues.filter(({ severity }) => severity === 'error').map(formatIssue),
    })
  }
}

/** The files among `--config` values; other sources tell nobody that they changed. */
export const filesOf = (uris: readonly string[]): readonly string[] =>
  uris.filter((uri) => !/^(env|yaml|https?):/.test(uri)).map((uri) => uri.replace(/^file:/, ''))
