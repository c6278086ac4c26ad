import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../component.ts'
import { messageOf } from '../message_of.ts'
import { type Identity, serverAuthenticator } from './auth.ts'
import { cors, warnOfCors } from './cors.ts'
import { credentialsOf } from './credentials.ts'
import { CONTENT_ENCODINGS } from './decompress.ts'
import { HttpServer } from './http_server.ts'
import type { HttpServerConfig } from './http_server_fields.ts'
import { parseListen } from './listen.ts'

const DEFAULT_BODY_BYTES = 20 << 20

/** Options that mean nothing where nobody sends anything, for `warnUnused`. */
export const unusedForReading = (config: HttpServerConfig) => ({
  include_metadata: config.include_metadata,
  include_tls_metadata: config.include_tls_metadata,
  compression_algorithms: config.compression_algorithms.length !== CONTENT_ENCODINGS.length,
  max_request_body_size: config.max_request_body_size !== DEFAULT_BODY_BYTES,
})

/**
 * A server of pages to read, with all that `httpServerFields` has: who may read, CORS, TLS, headers of each answer. Throws if the
 * endpoint or the authenticator is none. `page` is not called for those who may not; what it rejects with is answered by 500.
 */
export function pageServer(
  ctx: Context,
  config: HttpServerConfig,
  page: (
    request: IncomingMessage,
    response: ServerResponse,
    identity: Identity | undefined,
  ) => void | Promise<void>,
): HttpServer {
  const where = parseListen(config.endpoint, config.transport)
  if (where === undefined) throw new Error(`"${config.endpoint}" is no endpoint`)
  const authenticator = serverAuthenticator(ctx, config.auth)
  warnOfCors(ctx.log, config.cors)
  const allowed = cors(config.cors)
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of config.response_headers) response.setHeader(name, value.reveal())
    if (allowed(request, response)) return
    let identity: Identity | undefined
    try {
      identity = await authenticator?.authenticate(
        credentialsOf(request, config.auth?.request_params ?? []),
      )
    } catch (error) {
      if (!request.complete) response.shouldKeepAlive = false // a body that nobody reads
      writeText(response, 401, messageOf(error))
      return
    }
    await page(request, response, identity)
  }
  const options = {
    where,
    transport: config.transport,
    tls: config.tls,
    headersTimeoutMs: config.read_header_timeout,
    requestTimeoutMs: config.read_timeout,
    writeTimeoutMs: config.write_timeout,
    idleTimeoutMs: config.idle_timeout,
    keepAlive: config.keep_alives_enabled,
    log: ctx.log,
    duration: ctx.duration,
  }
  return new HttpServer(options, (request, response) => {
    serve(request, response).catch((error: unknown) => writeText(response, 500, messageOf(error)))
  })
}

/** A whole answer; nothing if one has begun. */
export function writeText(response: ServerResponse, code: number, text: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

export const NOT_FOUND_TEXT = '404 page not found\n'
