import type { IncomingMessage, ServerResponse } from 'node:http'
import { Admitted } from '../admission.ts'
import { type Consumer, type Context, RefusedError } from '../component.ts'
import type { TraceBatch } from '../data/batch.ts'
import { messageOf } from '../message_of.ts'
import type { Identity } from './auth.ts'
import { infoOfRequest } from './credentials.ts'
import { BodyError, type ContentEncoding } from './decompress.ts'
import type { HttpServer } from './http_server.ts'
import type { HttpServerConfig } from './http_server_fields.ts'
import { pageServer, writeText } from './page_server.ts'
import { readBody } from './request_body.ts'

const DEFAULT_MAX_BYTES = 20 << 20
const ACCEPTED = 202

/** A request that will never be taken; its message goes to the sender. */
export class RequestFault extends Error {
  readonly code: string = 'REQUEST_INVALID'
}

type Read = (request: IncomingMessage, bytes: Buffer) => TraceBatch

/** A server that takes spans by POST, as tracing systems before OTLP have it: 202, and nothing else. `read` throws `RequestFault`. */
export function postedSpans(
  ctx: Context,
  config: HttpServerConfig,
  next: Consumer<TraceBatch>,
  read: Read,
): HttpServer {
  const posts = new Posts(ctx, config, next, read)
  return pageServer(ctx, config, (...got) => posts.handle(...got))
}

class Posts {
  readonly #ctx: Context
  readonly #config: HttpServerConfig
  readonly #next: Consumer<TraceBatch>
  readonly #read: Read

  constructor(ctx: Context, config: HttpServerConfig, next: Consumer<TraceBatch>, read: Read) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#read = read
  }

  async handle(
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
  ): Promise<void> {
    let admitted: Admitted | undefined
    try {
      const room = new Admitted(this.#next, Number(request.headers['content-length'] ?? 0))
      admitted = room
      const maxBytes = this.#config.max_request_body_size || DEFAULT_MAX_BYTES
      const bytes = await readBody(request, encoding, maxBytes, (read) => room.grow(read))
      room.grow(bytes.length)
      const batch = this.#read(request, bytes)
      const info = infoOfRequest(request, this.#config, identity)
      if (batch.count > 0) await this.#next.consume(batch, info)
      response.writeHead(ACCEPTED).end()
    } catch (error) {
      if (!request.complete) response.shouldKeepAlive = false
      this.#fail(response, error)
    } finally {
      admitted?.release()
    }
  }

  /** 400 for what will never be taken, 503 for what may be later, 500 for a fault of the pipeline. */
  #fail(response: ServerResponse, error: unknown): void {
    const text = messageOf(error)
    if (error instanceof RequestFault || error instanceof BodyError) {
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

/** The media type of a request, without parameters. */
export const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
