import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A request, whole. */
export interface Received {
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export type Answer = (request: Received, response: http.ServerResponse) => void

const ok: Answer = (_request, response) => response.end()

/** A backend on loopback that keeps what it got and answers as told. */
export async function backend(t: TestContext, answer: Answer = ok) {
  const received: Received[] = []
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) }
    received.push(one)
    answer(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { received, url: `http://127.0.0.1:${port}`, server }
}
