import { once } from 'node:events'
import type http from 'node:http'
import type https from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '../component.ts'
import { timerMs, wholeMs } from '../timer.ts'
import { builtins } from './builtins.ts'
import { HttpConnections, HttpEstate } from './http_connections.ts'
import { type Listen, listenerFor, type Transport } from './listen.ts'
import type { Listener } from './listener.ts'
import { type TellDuration, timeHttp } from './request_duration.ts'
import { keepServerFresh, type TlsServerConfig, tlsServerOptions } from './tls_server_fields.ts'

export interface HttpServerOptions {
  readonly where: Listen
  /** tcp if it is not said. */
  readonly transport?: Transport
  /** Hears of TLS files that are read again. */
  readonly log?: Logger
  readonly tls: TlsServerConfig | undefined
  /** Milliseconds for the head of a request; 0 is no limit. */
  readonly headersTimeoutMs: number
  /** Milliseconds for a whole request; 0 is no limit. */
  readonly requestTimeoutMs: number
  /** Milliseconds that a connection may wait for its next request; 0 is no limit. */
  readonly idleTimeoutMs: number
  readonly keepAlive: boolean
  /** Milliseconds from the head of a request to the end of its answer; 0 is no limit. */
  readonly writeTimeoutMs?: number
  /** Hears how long each request took. */
  readonly duration?: TellDuration
}

/** An HTTP/1.1 server that ends in good order. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #onRequest: http.RequestListener
  /** Its own, and those that it has from servers that it replaced. */
  #connections: readonly HttpConnections[] = []
  #listener: Listener | undefined
  #state: 'open' | 'ending' | 'left' = 'left'
  #underWay = 0
  #onQuiet: (() => void) | undefined
  #stopRefresh: (() => void) | undefined

  constructor(options: HttpServerOptions, onRequest: http.RequestListener) {
    this.#options = options
    this.#onRequest = onRequest
  }

  /** Resolves when it listens. Rejects as the Collector says it: `listen tcp host:port: bind: address already in use`. */
  async listen(): Promise<void> {
    const { tls, where, transport = 'tcp', log } = this.#options
    const { headersTimeoutMs, requestTimeoutMs } = this.#options
    const limits = {
      // Node throws if the part may take longer than the whole.
      headersTimeout: wholeMs(Math.min(headersTimeoutMs, requestTimeoutMs || headersTimeoutMs)),
      requestTimeout: wholeMs(requestTimeoutMs),
      connectionsCheckingInterval: checkEveryMs(headersTimeoutMs, requestTimeoutMs),
      keepAliveTimeout: wholeMs(this.#options.idleTimeoutMs),
    }
    const files = tls && (await tlsServerOptions(tls))
    const create = (onRequest: http.RequestListener) =>
      files === undefined
        ? builtins.http.createServer(limits, onRequest)
        : builtins.https.createServer({ ...limits, ...files }, onRequest)
    const own = new HttpConnections(create, this.#handle)
    this.#listener = await listenerFor(where, transport)
    this.#state = 'open'
    this.#connections = [own, ...(this.#listener.estate?.pass(tls, this.#handle) ?? [])]
    this.#listener.attach(own.server)
    own.server.emit('listening') // from then on it keeps the times of its connections, which it does not take itself
    if (tls === undefined || files === undefined || log === undefined) return
    this.#stopRefresh = keepServerFresh(own.server as https.Server, tls, files, log)
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#listener?.port ?? 0
  }

  /**
   * Takes no more connections, finishes what runs, and at `deadline` ends that too. While listeners are held, connections
   * stay open for the server that comes in its place.
   */
  async close(deadline: AbortSignal): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    this.#stopRefresh?.()
    if (listener === undefined) return
    const { tls } = this.#options
    const living = this.#connections.filter(({ sockets }, i) => i === 0 || sockets.size > 0)
    const leave = () => new HttpEstate(living, (other) => isDeepStrictEqual(other, tls))
    this.#connections = []
    this.#state = 'ending'
    if (await listener.release(leave)) await this.#quiet(deadline)
    else await end(living, deadline)
  }

  /** The server that follows has the connections. Resolves when the requests that came before are answered. */
  async #quiet(deadline: AbortSignal): Promise<void> {
    this.#state = 'left'
    if (this.#underWay === 0 || deadline.aborted) return
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve
      deadline.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #handle: http.RequestListener = (request, response) => {
    if (!this.#options.keepAlive || this.#state === 'ending') response.shouldKeepAlive = false
    this.#underWay += 1
    const served = timeHttp(this.#options.duration ?? NOBODY, 'server')
    response.on('close', () => {
      served({
        method: request.method ?? '',
        status: response.headersSent ? response.statusCode : undefined,
        scheme: this.#options.tls === undefined ? 'http' : 'https',
        address: addressOf(this.#options.where),
        port: this.port,
      })
      this.#underWay -= 1
      if (this.#underWay === 0) this.#onQuiet?.()
      // A connection whose last answer was begun before `close` would be kept open by its client.
      if (this.#state === 'ending') request.socket.destroySoon()
    })
    const { writeTimeoutMs = 0 } = this.#options
    if (writeTimeoutMs > 0) limit(request, response, writeTimeoutMs)
    this.#onRequest(request, response)
  }
}

/** Node looks only so often whether a request takes too long. */
function checkEveryMs(...limitsMs: number[]): number {
  const shortest = Math.min(...limitsMs.filter((ms) => ms > 0))
  return Math.max(MIN_CHECK_MS, Math.min(MAX_CHECK_MS, Math.ceil(shortest / 4)))
}

const MIN_CHECK_MS = 100
const MAX_CHECK_MS = 30_000

const NOBODY: TellDuration = () => undefined

const addressOf = (where: Listen): string => ('path' in where ? where.path : (where.host ?? ''))

async function end(connections: readonly HttpConnections[], deadline: AbortSignal): Promise<void> {
  const sockets = connections.flatMap((one) => [...one.sockets])
  const closed = sockets.map((socket) => once(socket, 'close'))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  for (const { server } of connections) server.close() // ends idle connections, and its clock
  if (deadline.aborted) cut()
  else deadline.addEventListener('abort', cut, { once: true })
  await Promise.all(closed)
  deadline.removeEventListener('abort', cut)
}

function limit(request: http.IncomingMessage, response: http.ServerResponse, ms: number): void {
  const timer = setTimeout(() => request.socket.destroy(), timerMs(ms))
  response.on('close', () => clearTimeout(timer))
}
