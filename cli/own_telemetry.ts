import { isDeepStrictEqual } from 'node:util'
import type { TelemetryConfig } from '../config/service.ts'
import type { Logger } from '../pipeline/component.ts'
import type { Counters } from '../pipeline/telemetry/counters.ts'
import { OwnMetrics } from '../pipeline/telemetry/metrics.ts'
import { countProcess } from '../pipeline/telemetry/process_metrics.ts'
import { ownResource } from '../pipeline/telemetry/resource.ts'
import { version } from './version.ts'

/** What `service::telemetry` asks for, beside the log: begins before the pipelines and ends after them. */
export class OwnTelemetry {
  readonly #counters: Counters
  readonly #log: Logger
  #config: Pick<TelemetryConfig, 'metrics' | 'resource'> | undefined
  #metrics: OwnMetrics | undefined

  constructor(counters: Counters, log: Logger) {
    this.#counters = counters
    this.#log = log
    countProcess(counters)
  }

  /** Starts what is configured, in place of what was. Rejects, with nothing running, if that cannot be. */
  async use({ metrics, resource }: TelemetryConfig): Promise<void> {
    const config = { metrics, resource }
    if (isDeepStrictEqual(config, this.#config)) return
    await this.stop(AbortSignal.timeout(STOP_MS))
    this.#config = config
    if (metrics.level === 'none') {
      this.#log.info('Internal metrics telemetry disabled')
      return
    }
    const own = new OwnMetrics(metrics, ownResource(version(), resource), this.#counters, this.#log)
    try {
      await own.start()
    } catch (error) {
      this.#config = undefined
      await own.stop(AbortSignal.timeout(STOP_MS))
      throw error
    }
    this.#metrics = own
  }

  /** Sends what is left, and closes its ports. */
  async stop(deadline: AbortSignal): Promise<void> {
    const metrics = this.#metrics
    this.#metrics = undefined
    this.#config = undefined
    await metrics?.stop(deadline)
  }
}

const STOP_MS = 2000
