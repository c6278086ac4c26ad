import type { IncomingMessage, ServerResponse } from 'node:http'
import { Admitted } from '../../pipeline/admission.ts'
import {
  type Component,
  type Consumer,
  type Context,
  RefusedError,
} from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { Identity } from '../../pipeline/net/auth.ts'
import { infoOfRequest } from '../../pipeline/net/credentials.ts'
import { BodyError, type ContentEncoding } from '../../pipeline/net/decompress.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import { pageServer, writeText } from '../../pipeline/net/page_server.ts'
import { readBody } from '../../pipeline/net/request_body.ts'
import type { ZipkinConfig } from './config.ts'
import { readJsonV1, readJsonV2 } from './json.ts'
import { ZipkinFault } from './model.ts'
import { readProtobufV2 } from './protobuf.ts'
import { readThriftV1 } from './thrift.ts'
import { tracesOfV1 } from './translate_v1.ts'
import { tracesOfV2 } from './translate_v2.ts'

const DEFAULT_MAX_BYTES = 20 << 20
const ACCEPTED = 202

/** Takes spans as clients of Zipkin send them. */
export class Zipkin implements Component {
  readonly #ctx: Context
  readonly #config: ZipkinConfig
  readonly #next: Consumer<TraceBatch>
  readonly #server: HttpServer

  constructor(ctx: Context, config: ZipkinConfig, next: Consumer<TraceBatch>) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#server = pageServer(ctx, config, (...got) => this.#handle(...got))
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#server.port
  }

  async start(): Promise<void> {
    await this.#server.listen()
    this.#ctx.log.info('Starting HTTP server', { endpoint: this.#config.endpoint })
  }

  shutdown(deadline: AbortSignal): Promise<void> {
    return this.#server.close(deadline)
  }

  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    identity: Identity | undefined,
  ): Promise<void> {
    const encoding = request.headers['content-encoding'] ?? ''
    const { compression_algorithms: known } = this.#config
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST')
      writeText(response, 405, '405 method not allowed, supported: [POST]')
    } else if (!(known as readonly string[]).includes(encoding)) {
      response.shouldKeepAlive = false
      writeText(response, 400, `unsupported Content-Encoding: ${encoding}`)
    } else await this.#take(request, response, encoding as ContentEncoding, identity)
  }

  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    encoding: ContentEncoding,
    identity: Identity | undefined,
  ) {
    let admitted: Admitted | undefined
    try {
      admitted = new Admitted(this.#next, Number(request.headers['content-length'] ?? 0))
      const maxBytes = this.#config.max_request_body_size || DEFAULT_MAX_BYTES
      const bytes = await readBody(request, encoding, maxBytes)
      admitted.grow(bytes.length)
      const batch = this.#read(request, bytes)
      const info = infoOfRequest(request, this.#config.include_metadata, identity)
      if (batch.count > 0) await this.#next.consume(batch, info)
      response.writeHead(ACCEPTED).end()
    } catch (error) {
      if (!request.complete) response.shouldKeepAlive = false
      this.#fail(response, error)
    } finally {
      admitted?.release()
    }
  }

  #read(request: IncomingMessage, bytes: Buffer): TraceBatch {
    const { parse_string_tags: parse } = this.#config
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
    if (request.url?.split('?', 1)[0]?.includes('api/v1/spans')) {
      const isThrift = type === 'application/x-thrift'
      return tracesOfV1(isThrift ? readThriftV1(bytes) : readJsonV1(bytes), parse)
    }
    const isProtobuf = type === 'application/x-protobuf'
    return tracesOfV2(isProtobuf ? readProtobufV2(bytes) : readJsonV2(bytes), parse)
  }

  /** 400 for what will never be taken, 503 for what may be later, 500 for a fault of the pipeline. */
  #fail(response: ServerResponse, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (error instanceof ZipkinFault || error instanceof BodyError) {
      this.#ctx.count('rejected_requests_invalid', 1)
      writeText(response, 400, text)
    } else if (error instanceof RefusedError) {
      const { retryAfterMs } = error
      if (retryAfterMs !== undefined) {
        response.setHeader('retry-after', Math.ceil(retryAfterMs / 1000))
      }
      writeText(response, 503, text)
    } else writeText(response, 500, text)
  }
}
