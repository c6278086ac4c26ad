import { readFileSync } from 'node:fs'
import { type IncomingMessage, Agent as PlainAgent, request as plain } from 'node:http'
import { Agent, createServer as createSite, request as encrypted } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import type { Truth } from '../truth/programs.ts'
import type { CoverageRow, Stage } from './row.ts'

const FILES: Readonly<Record<string, string>> = {
  small: 's'.repeat(200),
  large: 'l'.repeat(102_400),
}
const MISSING = 'nothing here'

const truthOf = (path: string, method: string): Truth => {
  const file = FILES[path.slice(path.lastIndexOf('/') + 1)]
  const status = file === undefined ? 404 : 200
  return { path, method, status, start: 0, end: 0, bytes: (file ?? MISSING).length }
}

/** When a site goes on: a gate that fails leaves the row without what it is about. */
export interface Gates {
  /** Before the handshake of each connection. */
  readonly handshake: () => Promise<void>
  /** Before each answer. */
  readonly answer: () => Promise<void>
}

/** An HTTPS server on every address, which knows what it was asked: for clients. */
export async function startSite({ cert, key }: Stage['certificate'], gates: Gates) {
  const asked: Truth[] = []
  const site = createSite(
    { cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ['http/1.1'] },
    (request, response) => {
      const [path = ''] = (request.url ?? '').split('?')
      const truth = truthOf(path, request.method ?? '')
      const body = FILES[path.slice(path.lastIndexOf('/') + 1)] ?? MISSING
      asked.push(truth)
      request.resume()
      request.on('end', () => {
        gates.answer().then(
          () => response.writeHead(truth.status, { 'content-length': body.length }).end(body),
          () => response.destroy(),
        )
      })
    },
  )
  let connections = 0
  site.on('secureConnection', () => connections++)
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    gates.handshake().then(
      () => site.emit('connection', socket.resume()),
      () => socket.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  return {
    base: `https://localhost:${port}`,
    port,
    asked,
    connections: () => connections,
    close: () => {
      server.close()
      site.closeAllConnections()
    },
  }
}

/** What a server answered, and over how many connections. */
export interface Asked {
  readonly truths: readonly Truth[]
  readonly connections: number
}

/** Asks a server on one connection, if it keeps that, and then on another. */
export async function askServer(
  port: number,
  { tls, onlyGets }: CoverageRow,
  prefix: string,
): Promise<Asked> {
  const send = onlyGets === true ? 'GET' : 'POST'
  const truths: Truth[] = []
  const sockets = new Set<unknown>()
  for (const asks of [
    [
      ['GET', 'small'],
      [send, 'small'],
      ['GET', 'missing'],
    ],
    [['GET', 'large']],
  ] as const) {
    const agent = tls === '' ? new PlainAgent(KEPT) : new Agent(KEPT)
    for (const [method, file] of asks) {
      const path = `${prefix}${truths.length}/${file}`
      const response = await ask(port, agent, method, path)
      sockets.add(response.socket)
      let bytes = 0
      for await (const data of response) bytes += (data as Buffer).length
      truths.push({ path, method, status: response.statusCode ?? 0, start: 0, end: 0, bytes })
    }
    agent.destroy()
  }
  return { truths, connections: sockets.size }
}

const KEPT = { keepAlive: true, maxSockets: 1 } as const

function ask(
  port: number,
  agent: PlainAgent,
  method: 'GET' | 'POST',
  path: string,
): Promise<IncomingMessage> {
  const body = method === 'POST' ? 'a body of some bytes' : ''
  const headers = body === '' ? {} : { 'content-length': body.length }
  const common = { host: '127.0.0.1', port, path, method, headers, agent }
  return new Promise((resolve, reject) => {
    const call =
      agent instanceof Agent
        ? encrypted({ ...common, rejectUnauthorized: false, servername: 'localhost' }, resolve)
        : plain(common, resolve)
    call.on('error', reject).end(body)
  })
}
