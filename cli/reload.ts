import { ConfigError, formatIssue } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import type { Logger } from '../pipeline/component.ts'
import { describe } from '../pipeline/telemetry/logger.ts'
import type { Agent } from './agent.ts'
import type { FileWatch } from './file_watch.ts'
import type { ServiceManager } from './service_manager.ts'

interface Reloading {
  readonly agent: Agent
  readonly log: Logger
  readonly manager: ServiceManager
  readonly read: () => Promise<Configuration>
  /** Called if neither the new nor the old configuration starts. */
  readonly fail: () => void
}

/**
 * Reads the configuration again at each SIGHUP, and at each change that `watch` sees. One at a time.
 * Gives what ends that, once the last one is through.
 */
export function reloadOnDemand(watch: FileWatch, reloading: Reloading): () => Promise<void> {
  let last = Promise.resolve()
  const reload = () => {
    last = last.then(() => reloadOnce(reloading))
  }
  process.on('SIGHUP', reload)
  watch.start(reload)
  return () => {
    process.off('SIGHUP', reload)
    watch.end()
    return last
  }
}

async function reloadOnce({ agent, log, manager, read, fail }: Reloading): Promise<void> {
  log.info('Reading the configuration again...')
  manager.reloading()
  try {
    await agent.replace(await read())
    manager.reloaded('Running.')
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      log.error('No configuration starts any more.', { error: describe(error) })
      return fail()
    }
    manager.reloaded('The new configuration is bad, the old one runs on.')
    log.error('The new configuration is bad, the old one runs on.', {
      issues: error.issues.filter(({ severity }) => severity === 'error').map(formatIssue),
    })
  }
}
