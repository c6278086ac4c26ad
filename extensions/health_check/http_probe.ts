import type { ServerResponse } from 'node:http'
import type { Context } from '../../pipeline/component.ts'
import type { HttpServer } from '../../pipeline/net/http_server.ts'
import type { HttpServerConfig } from '../../pipeline/net/http_server_fields.ts'
import {
  NOT_FOUND_TEXT,
  pageServer,
  unusedForReading,
  writeText,
} from '../../pipeline/net/page_server.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { Answer } from './answer.ts'
import type { Health } from './probes.ts'

/** Serves probes over HTTP. */
export function httpProbe(ctx: Context, config: HttpServerConfig, health: Health): HttpServer {
  warnUnused(ctx.log, unusedForReading(config))
  return pageServer(ctx, config, (request, response) => {
    const [path = '', query] = (request.url ?? '').split('?', 2)
    write(response, health.answer(path, new URLSearchParams(query)) ?? NOT_FOUND)
  })
}

const NOT_FOUND: Answer = { code: 404, body: NOT_FOUND_TEXT }

function write(response: ServerResponse, { code, body }: Answer): void {
  if (typeof body === 'string') writeText(response, code, body)
  else response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
