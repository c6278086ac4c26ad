import type { Component, Context, Signal } from '../../pipeline/component.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { HttpServer } from '../../pipeline/net/http_server.ts'
import type { OtlpConfig, OtlpHttpConfig } from './config.ts'
import { OtlpHttp, type Take } from './otlp_http.ts'

/** The server that the receivers of all signals of one configuration share. */
export class OtlpServer {
  readonly #config: OtlpConfig
  readonly #ctx: Context
  readonly #takes = new Map<Signal, Take>()
  readonly #users = new Set<Signal>()
  #http: HttpServer | undefined

  constructor(ctx: Context, config: OtlpConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  /** The receiver of one signal: the first that starts opens the server, the last that stops closes it. */
  receiver(signal: Signal, take: Take): Component {
    this.#takes.set(signal, take)
    return {
      start: async () => {
        this.#users.add(signal)
        if (this.#users.size === 1) await this.#open()
      },
      shutdown: async (deadline) => {
        if (this.#users.delete(signal) && this.#users.size === 0) await this.#close(deadline)
      },
    }
  }

  /** The port of HTTP; 0 while it is closed. */
  get httpPort(): number {
    return this.#http?.port ?? 0
  }

  async #open(): Promise<void> {
    const { http } = this.#config.protocols
    if (http === undefined) return
    const handler = new OtlpHttp(http, this.#paths(http))
    this.#http = new HttpServer(
      {
        address: parseHostPort(http.endpoint) ?? { host: 'localhost', port: 4318 },
        tls: http.tls,
        headersTimeoutMs: http.read_header_timeout,
        requestTimeoutMs: http.read_timeout,
        idleTimeoutMs: http.idle_timeout,
        keepAlive: http.keep_alives_enabled,
      },
      (request, response) => void handler.handle(request, response),
    )
    await this.#http.listen()
    this.#ctx.log.info('Starting HTTP server', { endpoint: http.endpoint })
  }

  async #close(deadline: AbortSignal): Promise<void> {
    await this.#http?.close(deadline)
    this.#http = undefined
  }

  #paths(http: OtlpHttpConfig): ReadonlyMap<string, Take> {
    const of = {
      traces: http.traces_url_path,
      metrics: http.metrics_url_path,
      logs: http.logs_url_path,
      profiles: '/v1development/profiles',
    }
    return new Map([...this.#takes].map(([signal, take]) => [withSlash(of[signal]), take] as const))
  }
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`)
