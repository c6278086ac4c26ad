import type { IncomingMessage } from 'node:http'
import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { serverAuthenticator } from '../../pipeline/net/auth.ts'
import { type GrpcMethod, GrpcServer } from '../../pipeline/net/grpc_server.ts'
import type { GrpcServerConfig } from '../../pipeline/net/grpc_server_fields.ts'
import { grpcServerOptions, infoOfCall } from '../../pipeline/net/grpc_server_options.ts'
import { Code, StatusError } from '../../pipeline/net/grpc_status.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import { mediaTypeOf, postedSpans } from '../../pipeline/net/posted_spans.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { JaegerConfig } from './config.ts'
import { JaegerFault } from './model.ts'
import { readPostSpans } from './protobuf.ts'
import { readBatch, readBinaryPacket, readCompactPacket } from './thrift.ts'
import { tracesOf } from './translate.ts'
import { UdpServer } from './udp.ts'

const POST_SPANS = '/jaeger.api_v2.CollectorService/PostSpans'
const PATH = '/api/traces'
const THRIFT_TYPES = ['application/x-thrift', 'application/vnd.apache.thrift.binary']

interface Server {
  listen(): Promise<void>
  close(deadline: AbortSignal): Promise<void>
  readonly port: number
}

/** Takes spans as clients and agents of Jaeger send them. */
export class Jaeger implements Component {
  readonly #ctx: Context
  readonly #config: JaegerConfig
  readonly #next: Consumer<TraceBatch>
  readonly #servers = new Map<keyof JaegerConfig['protocols'], Server>()

  constructor(ctx: Context, config: JaegerConfig, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
  }

  /** The port of a protocol; 0 while nobody listens there. */
  port(protocol: keyof JaegerConfig['protocols']): number {
    return this.#servers.get(protocol)?.port ?? 0
  }

  async start(): Promise<void> {
    const { grpc, thrift_http: http, thrift_compact, thrift_binary } = this.#config.protocols
    if (grpc !== undefined) this.#servers.set('grpc', this.#grpcServer(grpc))
    if (http !== undefined) this.#servers.set('thrift_http', this.#httpServer(http))
    for (const [name, config, read] of [
      ['thrift_compact', thrift_compact, readCompactPacket],
      ['thrift_binary', thrift_binary, readBinaryPacket],
    ] as const) {
      if (config === undefined) continue
      const packets = (bytes: Buffer) => tracesOf(read(bytes))
      this.#servers.set(name, new UdpServer(this.#ctx, config, this.#next, packets))
    }
    for (const [name, server] of this.#servers) {
      await server.listen()
      const { endpoint } = this.#config.protocols[name] ?? {}
      this.#ctx.log.info('Starting server', { protocol: name, endpoint })
    }
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    const servers = [...this.#servers.values()]
    this.#servers.clear()
    await Promise.all(servers.map((server) => server.close(deadline)))
  }

  #grpcServer(config: GrpcServerConfig): GrpcServer {
    const { write_buffer_size } = config
    warnUnused(this.#ctx.log, { write_buffer_size })
    const authenticator = serverAuthenticator(this.#ctx, config.auth)
    const method: GrpcMethod = {
      admit: (bytes) => this.#next.admit?.(bytes) ?? NOTHING,
      handle: async (message, call) => {
        const batch = tracesOf(this.#posted(message))
        if (batch.count === 0) return
        await this.#next.consume(batch, infoOfCall(call, config))
      },
    }
    return new GrpcServer(
      grpcServerOptions(this.#ctx, config, authenticator),
      new Map([[POST_SPANS, method]]),
    )
  }

  #posted(message: Buffer) {
    try {
      return readPostSpans(message)
    } catch (cause) {
      if (!(cause instanceof JaegerFault)) throw cause
      this.#ctx.count('rejected_requests_invalid', 1)
      // What Go's library answers when a message cannot be decoded; senders know it.
      const text = `grpc: error unmarshalling request: ${cause.message}`
      throw new StatusError({ code: Code.internal, message: text })
    }
  }

  #httpServer(config: NonNullable<JaegerConfig['protocols']['thrift_http']>): HttpServer {
    return postedSpans(this.#ctx, config, this.#next, (request, bytes) => {
      checkRequest(request)
      return tracesOf(readBatch(bytes))
    })
  }
}

const NOTHING = () => undefined

function checkRequest(request: IncomingMessage): void {
  const path = request.url?.split('?', 1)[0]
  if (path !== PATH) throw new JaegerFault(`${path} is not ${PATH}`)
  const type = mediaTypeOf(request)
  if (!THRIFT_TYPES.includes(type)) throw new JaegerFault(`Unsupported content type: ${type}`)
}
