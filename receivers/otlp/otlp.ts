import type { Component, Context, Signal } from '../../pipeline/component.ts'
import { serverAuthenticator } from '../../pipeline/net/auth.ts'
import { warnOfCors } from '../../pipeline/net/cors.ts'
import { type GrpcMethod, GrpcServer } from '../../pipeline/net/grpc_server.ts'
import type { GrpcServerConfig } from '../../pipeline/net/grpc_server_fields.ts'
import { grpcServerOptions } from '../../pipeline/net/grpc_server_options.ts'
import { HttpServer } from '../../pipeline/net/http_server.ts'
import { type Listen, parseListen, type Transport } from '../../pipeline/net/listen.ts'
import { OTLP_METHODS } from '../../pipeline/net/otlp_methods.ts'
import type { OtlpConfig, OtlpHttpConfig } from './config.ts'
import { grpcMethod } from './otlp_grpc.ts'
import { OtlpHttp } from './otlp_http.ts'
import type { Take } from './take.ts'

/** The servers that the receivers of all signals of one configuration share. */
export class OtlpServer {
  readonly #config: OtlpConfig
  readonly #ctx: Context
  readonly #users = new Set<Signal>()
  /** By path. Signals may come and go while the servers are open; all are known before those open. */
  readonly #paths = new Map<string, Take>()
  readonly #methods = new Map<string, GrpcMethod>()
  #http: HttpServer | undefined
  #grpc: GrpcServer | undefined

  constructor(ctx: Context, config: OtlpConfig) {
    this.#ctx = ctx
    this.#config = config
  }

  /** The receiver of one signal: the first that starts opens the servers, the last that stops closes them. */
  receiver(signal: Signal, take: Take): Component {
    this.#serve(signal, take)
    return {
      start: async () => {
        this.#users.add(signal)
        if (this.#users.size === 1) await this.#open()
      },
      shutdown: async (deadline) => {
        const isLast = this.#users.delete(signal) && this.#users.size === 0
        if (isLast) await this.#close(deadline)
        this.#withdraw(signal)
      },
    }
  }

  #serve(signal: Signal, take: Take): void {
    const { grpc, http } = this.#config.protocols
    if (http !== undefined) this.#paths.set(pathOf(http, signal), take)
    if (grpc !== undefined) {
      this.#methods.set(OTLP_METHODS[signal], grpcMethod(take, grpc))
    }
  }

  #withdraw(signal: Signal): void {
    const { http } = this.#config.protocols
    if (http !== undefined) this.#paths.delete(pathOf(http, signal))
    this.#methods.delete(OTLP_METHODS[signal])
  }

  /** The port of HTTP; 0 while it is closed. */
  get httpPort(): number {
    return this.#http?.port ?? 0
  }

  /** The port of gRPC; 0 while it is closed. */
  get grpcPort(): number {
    return this.#grpc?.port ?? 0
  }

  async #open(): Promise<void> {
    const { grpc, http } = this.#config.protocols
    if (grpc !== undefined) await this.#openGrpc(grpc)
    if (http !== undefined) await this.#openHttp(http)
  }

  async #openGrpc(grpc: GrpcServerConfig): Promise<void> {
    const authenticator = serverAuthenticator(this.#ctx, grpc.auth)
    this.#grpc = new GrpcServer(grpcServerOptions(this.#ctx, grpc, authenticator), this.#methods)
    await this.#grpc.listen()
    this.#ctx.log.info('Starting GRPC server', { endpoint: grpc.endpoint })
  }

  async #openHttp(http: OtlpHttpConfig): Promise<void> {
    warnOfCors(this.#ctx.log, http.cors)
    const authenticator = serverAuthenticator(this.#ctx, http.auth)
    const rejected = (reason: string) => this.#ctx.count(`rejected_requests_${reason}`, 1)
    const handler = new OtlpHttp(http, this.#paths, authenticator, rejected)
    this.#http = new HttpServer(
      {
        where: whereOf(http),
        transport: http.transport,
        tls: http.tls,
        headersTimeoutMs: http.read_header_timeout,
        requestTimeoutMs: http.read_timeout,
        writeTimeoutMs: http.write_timeout,
        idleTimeoutMs: http.idle_timeout,
        keepAlive: http.keep_alives_enabled,
        duration: this.#ctx.duration,
        log: this.#ctx.log,
      },
      (request, response) => void handler.handle(request, response),
    )
    await this.#http.listen()
    this.#ctx.log.info('Starting HTTP server', { endpoint: http.endpoint })
  }

  async #close(deadline: AbortSignal): Promise<void> {
    await Promise.all([this.#http?.close(deadline), this.#grpc?.close(deadline)])
    this.#http = undefined
    this.#grpc = undefined
  }
}

function pathOf(http: OtlpHttpConfig, signal: Signal): string {
  const of = {
    traces: http.traces_url_path,
    metrics: http.metrics_url_path,
    logs: http.logs_url_path,
    profiles: '/v1development/profiles',
  }
  return withSlash(of[signal])
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`)

/** The schema has looked at it. */
function whereOf(server: { endpoint: string; transport: Transport }): Listen {
  const where = parseListen(server.endpoint, server.transport)
  if (where === undefined) throw new Error(`otlp: "${server.endpoint}" is no endpoint`)
  return where
}
