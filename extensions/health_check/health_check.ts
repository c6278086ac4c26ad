import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  Context,
  Extension,
  Instance,
  LifecycleStatus,
  RunningConfig,
} from '../../pipeline/component.ts'
import { cors } from '../../pipeline/net/cors.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { HttpServer } from '../../pipeline/net/http_server.ts'
import { StatusBoard } from '../../pipeline/status/board.ts'
import { type Answer, readyAnswer, statusAnswer } from './answer.ts'
import type { HealthCheckConfig, HealthServerConfig } from './config.ts'

/** Tells probes whether weir runs, and in version 2 how each of its components is. */
export class HealthCheck implements Extension {
  readonly #ctx: Context
  readonly #config: HealthCheckConfig
  readonly #self: Instance
  readonly #board = new StatusBoard(Date.now)
  readonly #started = Date.now()
  #running: RunningConfig | undefined
  #readySince: number | undefined
  #server: HttpServer | undefined

  constructor(ctx: Context, config: HealthCheckConfig) {
    this.#ctx = ctx
    this.#config = config
    this.#self = { kind: 'extension', id: ctx.id }
  }

  async start(): Promise<void> {
    const { use_v2, http, check_collector_pipeline } = this.#config
    if (check_collector_pipeline.enabled) {
      this.#ctx.log.warn('check_collector_pipeline checks nothing, as in the Collector.')
    }
    const settings = (use_v2 ? http : undefined) ?? this.#config
    const server = new HttpServer(optionsOf(settings), this.#listener(settings))
    await server.listen()
    this.#server = server
    this.#ctx.log.info('Starting health_check extension', { endpoint: settings.endpoint })
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#server?.close(deadline)
    this.#server = undefined
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

  #listener(settings: HealthServerConfig) {
    const allowed = cors(settings.cors)
    return (request: IncomingMessage, response: ServerResponse): void => {
      for (const [name, value] of settings.response_headers)
        response.setHeader(name, value.reveal())
      if (allowed(request, response)) return
      const [path = '', query] = (request.url ?? '').split('?', 2)
      const answer = this.#config.use_v2
        ? this.#answerV2(path, new URLSearchParams(query))
        : this.#answerV1(path)
      if (answer === undefined) {
        response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
        response.end('404 page not found\n')
      } else write(response, answer)
    }
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
    const recoverable = health.include_recoverable_errors && !health.include_permanent_errors
    const priority = recoverable ? 'recoverable' : 'permanent'
    const pipeline = query.get('pipeline') ?? ''
    const status =
      pipeline === '' ? this.#board.whole(priority) : this.#board.pipeline(pipeline, priority)
    if (status === undefined) return { code: 404, body: '' }
    const verbose = query.has('verbose') && query.get('verbose') !== 'false'
    return statusAnswer(status, { health, verbose, started: this.#started, now: Date.now() })
  }
}

function optionsOf(settings: HealthServerConfig) {
  return {
    where: parseHostPort(settings.endpoint) ?? { host: 'localhost', port: 13_133 },
    tls: settings.tls,
    headersTimeoutMs: settings.read_header_timeout,
    requestTimeoutMs: settings.read_timeout,
    idleTimeoutMs: settings.idle_timeout,
    keepAlive: settings.keep_alives_enabled,
  }
}

function write(response: ServerResponse, { code, body }: Answer): void {
  if (typeof body === 'string') {
    response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
  } else {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}
