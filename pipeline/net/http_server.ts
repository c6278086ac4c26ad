import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Logger } from '../component.ts'
import { type Listen, listenerFor, type Transport } from './listen.ts'
import type { Listener } from './listener.ts'
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
}

/** An HTTP/1.1 server that ends in good order. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #onRequest: http.RequestListener
  #server: http.Server | undefined
  #listener: Listener | undefined
  readonly #sockets = new Set<Socket>()
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
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs || headersTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: this.#options.idleTimeoutMs,
    }
    const files = tls && (await tlsServerOptions(tls))
    const server =
      files === undefined
        ? http.createServer(limits, this.#handle)
        : https.createServer({ ...limits, ...files }, this.#handle)
    server.on('clientError', (_error, socket) => socket.destroy())
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#listener = await listenerFor(where, transport)
    this.#server = server
    this.#listener.attach(server)
    server.emit('listening') // from then on it keeps the times of its connections, which it does not take itself
    if (tls === undefined || files === undefined || log === undefined) return
    this.#stopRefresh = keepServerFresh(server as https.Server, tls, files, log)
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#listener?.port ?? 0
  }

  /** Takes no more connections, finishes what runs, and at `deadline` ends that too. */
  async close(deadline: AbortSignal): Promise<void> {
    const [server, listener] = [this.#server, this.#listener]
    this.#server = undefined
    this.#listener = undefined
    this.#stopRefresh?.()
    if (server === undefined) return
    await listener?.release()
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy()
    }
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'))
    server.close() // ends idle connections, and its clock
    if (deadline.aborted) cut()
    else deadline.addEventListener('abort', cut, { once: true })
    await Promise.all(closed)
    deadline.removeEventListener('abort', cut)
  }

  #handle: http.RequestListener = (request, response) => {
    if (!this.#options.keepAlive || this.#server === undefined) response.shouldKeepAlive = false
    // A connection whose last answer was begun before `close` would be kept open by its client.
    response.on('close', () => this.#server === undefined && request.socket.destroySoon())
    const { writeTimeoutMs = 0 } = this.#options
    if (writeTimeoutMs > 0) limit(request, response, writeTimeoutMs)
    this.#onRequest(request, response)
  }
}

function limit(request: http.IncomingMessage, response: http.ServerResponse, ms: number): void {
  const timer = setTimeout(() => request.socket.destroy(), ms)
  response.on('close', () => clearTimeout(timer))
}
