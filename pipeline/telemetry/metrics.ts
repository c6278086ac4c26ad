import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../component.ts'
import { HttpServer } from '../net/http_server.ts'
import type { Counters, Labels } from './counters.ts'
import { exposedAs } from './exposed_as.ts'
import { describe } from './logger.ts'
import type { MetricsConfig, PrometheusConfig } from './metrics_fields.ts'
import type { MetricsSdk } from './metrics_sdk.ts'
import type { OwnResource } from './resource.ts'
import { isShown } from './self_metric.ts'

const READ_TIMEOUT_MS = 5000
const IDLE_TIMEOUT_MS = 120_000

/** What the text format of Prometheus is called in HTTP. */
const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

type Level = Exclude<MetricsConfig['level'], 'none'>

/**
 * weir's own metrics for those who read them. The SDK is loaded when somebody looks, or when something is to be sent or
 * measured: an idle agent does without it.
 */
export class OwnMetrics {
  readonly #config: MetricsConfig & { readonly level: Level }
  readonly #resource: OwnResource
  readonly #counters: Counters
  readonly #log: Logger
  readonly #servers: HttpServer[] = []
  #sdk: Promise<MetricsSdk> | undefined

  constructor(config: MetricsConfig, resource: OwnResource, counters: Counters, log: Logger) {
    const { level } = config
    if (level === 'none') throw new Error('own metrics of level none')
    this.#config = { ...config, level }
    this.#resource = resource
    this.#counters = counters
    this.#log = log
  }

  /** Opens the ports of Prometheus readers. Rejects as the Collector says it if one is taken. */
  async start(): Promise<void> {
    if (this.#config.readers.some(({ periodic }) => periodic !== undefined)) await this.#load()
    for (const { pull } of this.#config.readers) {
      if (pull !== undefined) await this.#serve(pull.exporter.prometheus)
    }
    this.#counters.recordInto((...value) => this.#record(...value))
  }

  /** Sends what periodic readers have not sent yet, and closes all ports. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#counters.recordInto(undefined)
    await Promise.all(this.#servers.map((server) => server.close(deadline)))
    try {
      await (await this.#sdk)?.shutdown(STOP_MS)
    } catch (error) {
      this.#log.warn('Own metrics could not be sent.', { error: describe(error) })
    }
  }

  #load(): Promise<MetricsSdk> {
    this.#sdk ??= import('./metrics_sdk.ts').then(({ MetricsSdk }) =>
      MetricsSdk.load(this.#config, this.#resource, this.#counters),
    )
    return this.#sdk
  }

  #record(name: string, labels: Labels, value: number | (() => number)): void {
    if (!isShown(exposedAs(name, 'histogram').metric, this.#config.level)) return
    const measured = typeof value === 'number' ? value : value()
    this.#load().then(
      (sdk) => sdk.record(name, labels, measured),
      (error: unknown) => this.#log.error('Own metrics.', { error: describe(error) }),
    )
  }

  async #serve(reader: PrometheusConfig): Promise<void> {
    const host = hostOf(reader.host)
    const server = new HttpServer(
      {
        where: { host, port: reader.port },
        tls: undefined,
        headersTimeoutMs: READ_TIMEOUT_MS,
        requestTimeoutMs: READ_TIMEOUT_MS,
        idleTimeoutMs: IDLE_TIMEOUT_MS,
        keepAlive: true,
      },
      (request, response) => void this.#answer(reader, request, response),
    )
    try {
      await server.listen()
    } catch (cause) {
      throw new Error(
        `failed to create meter provider: binding address ${reader.host}:${reader.port} for Prometheus exporter: ${describe(cause)}`,
        { cause: withHint(cause) },
      )
    }
    this.#servers.push(server)
    const endpoint = `${reader.host}:${server.port}`
    this.#log.info('Serving metrics', { endpoint, level: this.#config.level })
  }

  async #answer(
    reader: PrometheusConfig,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('404 page not found\n')
      return
    }
    try {
      const sdk = await this.#load()
      const text = await sdk.scrape(reader)
      response.writeHead(200, { 'content-type': TEXT_TYPE })
      response.end(request.method === 'HEAD' ? undefined : text)
    } catch (error) {
      this.#log.error('Own metrics could not be read.', { error: describe(error) })
      response.writeHead(500).end()
    }
  }
}

/** `localhost` is what Go makes of it; `[::1]` may be written without brackets. */
function hostOf(host: string): string | undefined {
  if (host === 'localhost') return '127.0.0.1'
  return host === '' ? undefined : host.replace(/^\[(.*)\]$/, '$1')
}

const STOP_MS = 2000 // to send what is left

const HINT =
  'another Collector or weir may run here; choose another port in service::telemetry::metrics::readers, or --set=service.telemetry.metrics.level=none'

const withHint = (cause: unknown): Error =>
  Object.assign(new Error(describe(cause), { cause }), { hint: HINT })
