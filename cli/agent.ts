import { isDeepStrictEqual } from 'node:util'
import { toPlain } from '../config/expanded.ts'
import { formatIssue, type Issue } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import type { Logger } from '../pipeline/component.ts'
import { Graph, type Host } from '../pipeline/graph.ts'
import { describe } from '../pipeline/telemetry/logger.ts'

/** Within it everything drains and detaches, or is left. */
const SHUTDOWN_MS = 4500

/** A configuration at work, which another one may take the place of. */
export class Agent {
  readonly #host: Host
  readonly #log: Logger
  #configuration: Configuration
  #graph: Graph

  /** Builds the components; nothing runs before `start`. */
  constructor(configuration: Configuration, host: Host) {
    this.#host = host
    this.#log = host.log
    this.#configuration = configuration
    this.#graph = this.#build(configuration)
  }

  #build({ pipelines, skipped, issues }: Configuration): Graph {
    for (const issue of issues) report(this.#log, issue)
    if (skipped > 0) this.#host.counters.add('weir_config_skipped_components', {}, skipped)
    return new Graph(pipelines, this.#host)
  }

  async start(): Promise<void> {
    await this.#graph.start(AbortSignal.timeout(SHUTDOWN_MS))
    this.#log.info('Everything is ready. Begin running and processing data.')
  }

  /**
   * Puts a configuration that was read whole in the place of the one that runs; an equal one changes nothing.
   * Rejects only if the new one does not start and the old one does not start again either.
   */
  async replace(next: Configuration): Promise<void> {
    if (isDeepStrictEqual(toPlain(next.root), toPlain(this.#configuration.root))) {
      this.#log.info('The configuration is unchanged.')
      return
    }
    const before = this.#configuration
    await this.stop()
    try {
      await this.#change(next)
    } catch (error) {
      this.#log.error('The new configuration does not start, the old one runs on.', {
        error: describe(error),
      })
      await this.#change(before.again())
    }
  }

  async #change(configuration: Configuration): Promise<void> {
    this.#graph = this.#build(configuration)
    this.#configuration = configuration
    await this.start()
  }

  /** Drains and stops, receivers first; never rejects. */
  stop(): Promise<void> {
    return this.#graph.shutdown(AbortSignal.timeout(SHUTDOWN_MS))
  }
}

const REPORTS = { error: 'error', warning: 'warn', info: 'info' } as const

const report = (log: Logger, issue: Issue): void => log[REPORTS[issue.severity]](formatIssue(issue))
