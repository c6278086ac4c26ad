import type {
  Context,
  Extension,
  Instance,
  LifecycleStatus,
  RunningConfig,
} from '../../pipeline/component.ts'
import type { AggregateStatus } from '../../pipeline/status/aggregate.ts'
import { StatusBoard } from '../../pipeline/status/board.ts'
import { type Answer, isHealthy, isServing, readyAnswer, statusAnswer } from './answer.ts'
import type { HealthCheckConfig } from './config.ts'
import { grpcProbe } from './grpc_probe.ts'
import { httpProbe } from './http_probe.ts'
import type { Health } from './probes.ts'

interface Server {
  listen(): Promise<void>
  close(deadline: AbortSignal): Promise<void>
}

/** Tells probes whether weir runs, and in version 2 how each of its components is. */
export class HealthCheck implements Extension, Health {
  readonly #ctx: Context
  readonly #config: HealthCheckConfig
  readonly #self: Instance
  readonly #board = new StatusBoard(Date.now)
  readonly #started = Date.now()
  #running: RunningConfig | undefined
  #readySince: number | undefined
  #servers: Server[] = []

  constructor(ctx: Context, config: HealthCheckConfig) {
    this.#ctx = ctx
    this.#config = config
    this.#self = { kind: 'extension', id: ctx.id }
  }

  async start(): Promise<void> {
    const { use_v2, http, grpc, check_collector_pipeline } = this.#config
    if (check_collector_pipeline.enabled) {
      this.#ctx.log.warn('check_collector_pipeline checks nothing, as in the Collector.')
    }
    const overHttp = use_v2 ? http : this.#config
    if (overHttp !== undefined) {
      await this.#open(overHttp.endpoint, httpProbe(this.#ctx, overHttp, this))
    }
    if (use_v2 && grpc !== undefined) {
      await this.#open(grpc.endpoint, grpcProbe(this.#ctx, grpc, this))
    }
  }

  async #open(endpoint: string, server: Server): Promise<void> {
    await server.listen()
    this.#servers.push(server)
    this.#ctx.log.info('Starting health_check extension', { endpoint })
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#servers.splice(0).map((server) => server.close(deadline)))
  }

  onConfig(config: RunningConfig): void {
    this.#running = config
    this.#board.setConfig(config)
  }

  onStatus(instance: Instance, status: LifecycleStatus): void {
    // Itself it is up once everything is.
    const isSelf = instance.kind === 'extension' && instance.id === this.#ctx.id
    if (!isSelf) this.#board.set(instance, status)
    else if (status.kind !== 'ok') this.#board.set(this.#self, status)
  }

  onReady(): void {
    this.#readySince = Date.now()
    this.#board.set(this.#self, { kind: 'ok' })
    this.#ctx.log.info('Health Check state change', { status: 'ready' })
  }

  onNotReady(): void {
    this.#readySince = undefined
    this.#board.set(this.#self, { kind: 'stopping' })
    this.#ctx.log.info('Health Check state change', { status: 'unavailable' })
  }

  status(pipeline: string): AggregateStatus | undefined {
    const { include_permanent_errors, include_recoverable_errors } = this.#config.component_health
    const recoverable = include_recoverable_errors && !include_permanent_errors
    const priority = recoverable ? 'recoverable' : 'permanent'
    return pipeline === '' ? this.#board.whole(priority) : this.#board.pipeline(pipeline, priority)
  }

  isServing(status: AggregateStatus): boolean {
    return isServing(status) && isHealthy(status, this.#config.component_health, Date.now())
  }

  answer(path: string, query: URLSearchParams): Answer | undefined {
    return this.#config.use_v2 ? this.#answerV2(path, query) : this.#answerV1(path)
  }

  #answerV1(asked: string): Answer | undefined {
    const { path, response_body } = this.#config
    if (path !== '/' && asked !== path) return undefined
    return readyAnswer(this.#readySince, Date.now(), response_body)
  }

  #answerV2(asked: string, query: URLSearchParams): Answer | undefined {
    const { http, component_health: health } = this.#config
    if (http?.config.enabled && asked === http.config.path) {
      const document = this.#running?.document?.()
      return document === undefined ? { code: 503, body: '' } : { code: 200, body: document }
    }
    if (!http?.status.enabled || asked !== http.status.path) return undefined
    const status = this.status(query.get('pipeline') ?? '')
    if (status === undefined) return { code: 404, body: '' }
    const verbose = query.has('verbose') && query.get('verbose') !== 'false'
    return statusAnswer(status, { health, verbose, started: this.#started, now: Date.now() })
  }
}
