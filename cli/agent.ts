import { isDeepStrictEqual } from 'node:util'
import { toComparable } from '../config/expanded.ts'
import { formatIssue } from '../config/issue.ts'
import type { Configuration } from '../config/read.ts'
import type { Logger } from '../pipeline/component.ts'
import { type Graph, NotReplacedError } from '../pipeline/graph.ts'
import type { Host } from '../pipeline/graph_node.ts'
import { describe } from '../pipeline/telemetry/logger.ts'
import { buildGraph } from './build.ts'
import type { OwnTelemetry } from './own_telemetry.ts'

/** Within it everything drains and detaches, or is left. */
const SHUTDOWN_MS = 4500

const newDeadline = () => AbortSignal.timeout(SHUTDOWN_MS)

/** A configuration at work, which another one may take the place of. */
export class Agent {
  readonly #host: Host
  readonly #log: Logger
  readonly #telemetry: OwnTelemetry | undefined
  #configuration: Configuration
  readonly #graph: Graph

  /** Builds the components; nothing runs before `start`. */
  constructor(configuration: Configuration, host: Host, telemetry?: OwnTelemetry) {
    this.#host = host
    this.#telemetry = telemetry
    this.#log = host.log
    this.#configuration = configuration
    this.#report(configuration)
    this.#graph = buildGraph(configuration, host)
  }

  #report({ issues, skipped }: Configuration): void {
    for (const issue of issues) this.#log[REPORTS[issue.severity]](formatIssue(issue))
    if (skipped > 0) this.#host.counters.add('weir_config_skipped_components', {}, skipped)
  }

  async start(): Promise<void> {
    await this.#telemetry?.use(this.#configuration.telemetry)
    await this.#graph.start(newDeadline())
    this.#log.info('Everything is ready. Begin running and processing data.')
  }

  /**
   * Puts a configuration that was read whole in the place of the one that runs; what is equal in both lives on.
   * Rejects only if the new one does not start and the old one does not start again either.
   */
  async replace(next: Configuration): Promise<void> {
    if (isDeepStrictEqual(toComparable(next.root), toComparable(this.#configuration.root))) {
      this.#log.info('The configuration is unchanged.')
      return
    }
    this.#report(next)
    try {
      await this.#telemetry?.use(next.telemetry)
      const replaced = await this.#graph.replace(next.pipelines, newDeadline)
      this.#configuration = next
      this.#log.info('The new configuration is at work.', { ...replaced })
    } catch (error) {
      await this.#telemetry?.use(this.#configuration.telemetry)
      if (error instanceof NotReplacedError && !error.running) throw error
      this.#log.error('The new configuration does not start, the old one runs on.', {
        error: describe(error),
      })
    }
  }

  /** Drains and stops, receivers first; never rejects. */
  stop(): Promise<void> {
    return this.#graph.shutdown(newDeadline())
  }
}

const REPORTS = { error: 'error', warning: 'warn', info: 'info' } as const
