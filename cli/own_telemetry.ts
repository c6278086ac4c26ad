import { isDeepStrictEqual } from 'node:util'
import type { TelemetryConfig } from '../config/service.ts'
import type { Logger } from '../pipeline/component.ts'
import type { Counters } from '../pipeline/telemetry/counters.ts'
import { sayWhatTheSdkSays } from '../pipeline/telemetry/diagnostics.ts'
import { describe } from '../pipeline/telemetry/logger.ts'
import { OwnMetrics } from '../pipeline/telemetry/metrics.ts'
import { countProcess } from '../pipeline/telemetry/process_metrics.ts'
import { type OwnResource, ownResource } from '../pipeline/telemetry/resource.ts'
import type { Spans } from '../pipeline/telemetry/spans.ts'
import type { OwnLog } from './own_log.ts'
import { version } from './version.ts'

type Config = Omit<TelemetryConfig, 'logs'> & {
  readonly processors: TelemetryConfig['logs']['processors']
}

/** Something at work that sends what is left when it stops. */
type Stop = (deadline: AbortSignal) => Promise<void>

/** What `service::telemetry` asks for: begins before the pipelines and ends after them. */
export class OwnTelemetry {
  readonly #counters: Counters
  readonly #ownLog: OwnLog
  readonly #spans: Spans
  readonly #log: Logger
  #config: Config | undefined
  #running: Stop[] = []

  constructor(counters: Counters, ownLog: OwnLog, spans: Spans) {
    this.#counters = counters
    this.#ownLog = ownLog
    this.#spans = spans
    this.#log = ownLog.log
    countProcess(counters)
  }

  /** Starts what is configured, in place of what was. Rejects, with nothing running, if that cannot be. */
  async use(telemetry: TelemetryConfig): Promise<void> {
    await this.#ownLog.use(telemetry)
    const { metrics, traces, resource, logs } = telemetry
    const config = { metrics, traces, resource, processors: logs.processors }
    if (isDeepStrictEqual(config, this.#config)) return
    await this.stop(AbortSignal.timeout(STOP_MS))
    try {
      await this.#start(config)
      this.#config = config
    } catch (error) {
      await this.stop(AbortSignal.timeout(STOP_MS))
      throw error
    }
  }

  async #start({ metrics, traces, resource, processors }: Config): Promise<void> {
    const own = ownResource(version(), resource)
    sayWhatTheSdkSays(this.#log)
    if (processors.length > 0) await this.#startLogs(processors, own)
    if (metrics.level === 'none') this.#log.info('Internal metrics telemetry disabled')
    else {
      const shown = new OwnMetrics(metrics, own, this.#counters, this.#log)
      this.#running.push((deadline) => shown.stop(deadline))
      await shown.start()
    }
    if (traces.level !== 'none' && traces.processors.length > 0) {
      await this.#startTraces(traces, own)
    }
  }

  async #startLogs(processors: Config['processors'], own: OwnResource): Promise<void> {
    const { ownLogRecords } = await import('../pipeline/telemetry/logs_sdk.ts')
    const records = await ownLogRecords(processors, own)
    this.#ownLog.tee = (entry) => records.take(entry)
    this.#running.push(() => {
      this.#ownLog.tee = undefined
      return records.shutdown()
    })
  }

  async #startTraces(config: Config['traces'], own: OwnResource): Promise<void> {
    const { ownTraces } = await import('../pipeline/telemetry/traces_sdk.ts')
    const traces = await ownTraces(config, own)
    this.#spans.use(traces.start)
    this.#running.push(() => {
      this.#spans.use(undefined)
      return traces.shutdown()
    })
  }

  /** Sends what is left, until the deadline, and closes its ports. Never rejects. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#config = undefined
    const late = new Promise<void>((resolve) => {
      deadline.addEventListener('abort', () => resolve(), { once: true })
    })
    const all = this.#running.splice(0).map(async (stop) => {
      try {
        await stop(deadline)
      } catch (error) {
        this.#log.warn('Own telemetry could not be sent.', { error: describe(error) })
      }
    })
    await Promise.race([Promise.all(all), late])
  }
}

const STOP_MS = 2000
