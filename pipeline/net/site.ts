import type { Logger } from '../component.ts'
import { messageOf } from '../message_of.ts'
import { HttpServer } from './http_server.ts'
import { parseListen } from './listen.ts'

export interface Page {
  readonly code: number
  readonly type: string
  readonly body: string | Uint8Array
}

export const NOT_FOUND: Page = { code: 404, type: 'text/plain', body: '404 page not found\n' }

/** A server of a few pages for people who look into weir. Throws if `endpoint` is none. */
export function site(
  endpoint: string,
  log: Logger,
  show: (path: string, query: URLSearchParams) => Page | Promise<Page>,
): HttpServer {
  const where = parseListen(endpoint, 'tcp')
  if (where === undefined) throw new Error(`"${endpoint}" is no endpoint`)
  const options = {
    where,
    tls: undefined,
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
    keepAlive: true,
    log,
  }
  const answer = async (url: string): Promise<Page> => {
    const [path = '', query] = url.split('?', 2)
    try {
      return await show(path, new URLSearchParams(query))
    } catch (error) {
      const why = messageOf(error)
      return { code: 500, type: 'text/plain', body: `${why}\n` }
    }
  }
  return new HttpServer(options, (request, response) => {
    void answer(request.url ?? '').then(({ code, type, body }) => {
      response.writeHead(code, { 'content-type': type }).end(body)
    })
  })
}
