import { availableParallelism } from 'node:os'
import type { Logger } from '../pipeline/component.ts'
import type { PipelineConfig } from '../pipeline/graph_config.ts'
import type { Host } from '../pipeline/graph_node.ts'
import { Counters } from '../pipeline/telemetry/counters.ts'
import { limitedLog } from '../pipeline/telemetry/limited_log.ts'
import { describe } from '../pipeline/telemetry/logger.ts'
import { Spans } from '../pipeline/telemetry/spans.ts'
import { lockHost } from '../receivers/ebpf/lock_host.ts'
import { Agent } from './agent.ts'
import { configurationOf, readOptions } from './configuration.ts'
import { FileWatch, filesOf } from './file_watch.ts'
import { saveMemory } from './memory.ts'
import { mountWhatIsMissing } from './mounts.ts'
import { OwnLog } from './own_log.ts'
import { OwnTelemetry } from './own_telemetry.ts'
import { requirePrivileges } from './privileges.ts'
import { reloadOnDemand } from './reload.ts'
import { serviceManager } from './service_manager.ts'
import { type Stop, untilStopped } from './stop.ts'
import type { Arguments } from './verb.ts'
import { version } from './version.ts'

/** Whatever still holds the process after all has stopped gets this long. */
const LINGER_MS = 300
const TELEMETRY_STOP_MS = 2000

/** Runs the agent until a signal, or until a component says that it cannot go on. */
export async function run(args: Arguments): Promise<number> {
  const files = args.flags['watch'] === true ? filesOf(readOptions(args).uris) : []
  const watch = new FileWatch(files)
  const configuration = await configurationOf(args)
  saveMemory()
  const counters = new Counters()
  const ownLog = new OwnLog(counters)
  await ownLog.use(configuration.telemetry)
  const { log } = ownLog
  log.info('Starting weir...', { Version: version(), NumCPU: availableParallelism() })
  prepareForEbpf(configuration.pipelines, log)
  const stop = untilStopped(log)
  const manager = await serviceManager(log)
  const spans = new Spans()
  const host = { ...hostOf(counters, log, stop), startSpan: spans.start, watchSpans: spans.watch }
  const telemetry = new OwnTelemetry(counters, ownLog, spans)
  const agent = new Agent(configuration, host, telemetry)
  try {
    await agent.start()
  } catch (error) {
    await telemetry.stop(AbortSignal.timeout(TELEMETRY_STOP_MS))
    throw error
  }
  manager.ready()
  const endReloading = reloadOnDemand(watch, {
    agent,
    log,
    manager,
    read: () => configurationOf(args),
    fail: stop.fail,
  })
  const code = await stop.code
  log.info('Starting shutdown...')
  manager.stopping()
  await endReloading()
  await agent.stop()
  await telemetry.stop(AbortSignal.timeout(TELEMETRY_STOP_MS))
  log.info('Shutdown complete.')
  setTimeout(() => process.exit(code), LINGER_MS).unref()
  return code
}

function hostOf(counters: Counters, log: Logger, stop: Stop): Host {
  const now = () => performance.now()
  const limited = limitedLog(now)
  const onUncaught = (error: unknown) => {
    counters.add('weir_uncaught_errors', {}, 1)
    const stack = error instanceof Error ? error.stack : undefined
    limited(log.error, String(error), 'An error that nothing expected.', { error, stack })
  }
  process.on('uncaughtException', onUncaught)
  return {
    log,
    counters,
    now,
    onStatus: ({ kind, id }, status) => {
      if (status.kind !== 'fatal_error') return
      log.error('A component cannot go on.', { kind, id, error: describe(status.error) })
      stop.fail()
    },
  }
}

/** What the kernel side needs is only asked for if a pipeline has it. */
function prepareForEbpf({ receivers, pipelines }: PipelineConfig, log: Logger): void {
  const used = [...pipelines.values()].flatMap((pipeline) => pipeline.receivers)
  const id = used.find((one) => receivers.get(one)?.factory.type === 'ebpf')
  if (id === undefined) return
  mountWhatIsMissing(log)
  requirePrivileges(id)
  lockHost().release() // taken again by the receiver, but said before a port is found taken by the same agent
}
