import { availableParallelism } from 'node:os'
import { formatIssue, type Issue } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import type { TelemetryConfig } from '../config/service.ts'
import type { Logger } from '../pipeline/component.ts'
import { Graph, type Host } from '../pipeline/graph.ts'
import type { PipelineConfig } from '../pipeline/graph_config.ts'
import { Counters } from '../pipeline/telemetry/counters.ts'
import { createLogger, describe, type Level } from '../pipeline/telemetry/logger.ts'
import { configurationOf } from './configuration.ts'
import { mountWhatIsMissing } from './mounts.ts'
import { requirePrivileges } from './privileges.ts'
import { untilStopped } from './stop.ts'
import type { Arguments } from './verb.ts'
import { version } from './version.ts'

/** Within it everything drains and detaches, or is left. */
const SHUTDOWN_MS = 4500

/** Runs the agent until a signal, or until a component says that it cannot go on. */
export async function run(args: Arguments): Promise<number> {
  const configuration = await configurationOf(args)
  const log = loggerOf(configuration.telemetry)
  for (const issue of configuration.issues) report(log, issue)
  log.info('Starting weir...', { Version: version(), NumCPU: availableParallelism() })
  prepareForEbpf(configuration.pipelines, log)
  return serve(configuration, log)
}

async function serve({ pipelines, skipped }: Configuration, log: Logger): Promise<number> {
  const stopped = untilStopped(log)
  const counters = new Counters()
  if (skipped > 0) counters.add('weir_config_skipped_components', {}, skipped)
  const host: Host = {
    log,
    counters,
    now: () => performance.now(),
    onStatus: ({ kind, id }, status) => {
      if (status.kind !== 'fatal_error') return
      log.error('A component cannot go on.', { kind, id, error: describe(status.error) })
      stopped.fail()
    },
  }
  const graph = new Graph(pipelines, host)
  await graph.start(AbortSignal.timeout(SHUTDOWN_MS))
  log.info('Everything is ready. Begin running and processing data.')
  const code = await stopped.code
  log.info('Starting shutdown...')
  await graph.shutdown(AbortSignal.timeout(SHUTDOWN_MS))
  log.info('Shutdown complete.')
  return code
}

/** What the kernel side needs is only asked for if a pipeline has it. */
function prepareForEbpf({ receivers, pipelines }: PipelineConfig, log: Logger): void {
  const used = [...pipelines.values()].flatMap((pipeline) => pipeline.receivers)
  const id = used.find((one) => receivers.get(one)?.factory.type === 'ebpf')
  if (id === undefined) return
  mountWhatIsMissing(log)
  requirePrivileges(id)
}

function loggerOf({ logs }: TelemetryConfig): Logger {
  const stream = logs.output_paths[0] === 'stdout' ? process.stdout : process.stderr
  return createLogger({
    level: logs.level.toLowerCase() as Level,
    encoding: logs.encoding,
    write: (line) => stream.write(line),
    date: () => new Date(),
    fields: Object.fromEntries(logs.initial_fields),
  })
}

const REPORTS = { error: 'error', warning: 'warn', info: 'info' } as const

const report = (log: Logger, issue: Issue): void => log[REPORTS[issue.severity]](formatIssue(issue))
