import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../../pipeline/component.ts'
import { serverAuthenticator } from '../../pipeline/net/auth.ts'
import { cors } from '../../pipeline/net/cors.ts'
import { HttpServer } from '../../pipeline/net/http_server.ts'
import type { HttpServerConfig } from '../../pipeline/net/http_server_fields.ts'
import { parseListen } from '../../pipeline/net/listen.ts'
import type { Answer } from './answer.ts'
import type { Health } from './probes.ts'

/** Serves probes over HTTP. */
export function httpProbe(ctx: Context, config: HttpServerConfig, health: Health): HttpServer {
  const where = parseListen(config.endpoint, config.transport)
  if (where === undefined) throw new Error(`"${config.endpoint}" is no endpoint`)
  const authenticator = serverAuthenticator(ctx, config.auth)
  const allowed = cors(config.cors)
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of config.response_headers) response.setHeader(name, value.reveal())
    if (allowed(request, response)) return
    const [path = '', query] = (request.url ?? '').split('?', 2)
    try {
      await authenticator?.authenticate(new Map(Object.entries(request.headersDistinct as Headers)))
      write(response, health.answer(path, new URLSearchParams(query)) ?? NOT_FOUND)
    } catch (error) {
      write(response, { code: 401, body: error instanceof Error ? error.message : String(error) })
    }
  }
  return new HttpServer(
    {
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
    },
    (request, response) => void serve(request, response),
  )
}

type Headers = Readonly<Record<string, readonly string[]>>

const NOT_FOUND: Answer = { code: 404, body: '404 page not found\n' }

function write(response: ServerResponse, { code, body }: Answer): void {
  if (typeof body === 'string') {
    response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
  } else {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}
