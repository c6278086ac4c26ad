import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Context } from '../../pipeline/component.ts'
import type { MetricBatch } from '../../pipeline/data/batch.ts'
import type { Destination } from '../../pipeline/exporter_helper.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import {
  NOT_FOUND_TEXT,
  pageServer,
  unusedForReading,
  writeText,
} from '../../pipeline/net/page_server.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import { negotiate } from '../../pipeline/prometheus/negotiate.ts'
import type { PrometheusConfig } from './config.ts'
import { Registry } from './registry.ts'

const PATH = '/metrics'
const compress = promisify(gzip)

/** Keeps the newest values, for whoever scrapes them. */
export class PrometheusEndpoint implements Destination<MetricBatch> {
  readonly #ctx: Context
  readonly #config: PrometheusConfig
  readonly #registry: Registry
  readonly #server: HttpServer

  constructor(ctx: Context, config: PrometheusConfig) {
    this.#ctx = ctx
    this.#config = config
    this.#registry = new Registry(config, ctx.now, (reason, n) => ctx.count(`dropped_${reason}`, n))
    this.#server = pageServer(ctx, config, (request, response) => this.#answer(request, response))
    ctx.gauge('series', () => this.#registry.size)
    warnUnused(ctx.log, unusedForReading(config))
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#server.port
  }

  async open(): Promise<void> {
    await this.#server.listen()
    const { endpoint } = this.#config
    this.#ctx.log.info('Serving metrics for Prometheus', { endpoint, path: PATH })
  }

  send(batch: MetricBatch): Promise<void> {
    for (const resource of batch.resources()) this.#registry.add(resource)
    return Promise.resolve()
  }

  close(): Promise<void> {
    return this.#server.close(AbortSignal.timeout(CLOSE_MS))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.split('?', 1)[0] !== PATH) return writeText(response, 404, NOT_FOUND_TEXT)
    const { enable_open_metrics: openMetrics } = this.#config
    const exposition = negotiate(request.headers.accept ?? '', openMetrics)
    const body = exposition.body(this.#registry.families())
    response.setHeader('content-type', exposition.contentType)
    if (!takesGzip(request)) return void response.end(body)
    response.setHeader('content-encoding', 'gzip')
    response.end(await compress(body))
  }
}

/** For a scrape that is under way. */
const CLOSE_MS = 1000

const takesGzip = ({ headers }: IncomingMessage): boolean =>
  String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$)|$)/i.test(one))
