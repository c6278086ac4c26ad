import http from 'node:http'
import https from 'node:https'
import type { HostPort } from './host_port.ts'
import { type TlsServerConfig, tlsServerOptions } from './tls_server_fields.ts'

export interface HttpServerOptions {
  readonly address: HostPort
  readonly tls: TlsServerConfig | undefined
  /** Milliseconds for the head of a request; 0 is no limit. */
  readonly headersTimeoutMs: number
  /** Milliseconds for a whole request; 0 is no limit. */
  readonly requestTimeoutMs: number
  /** Milliseconds that a connection may wait for its next request; 0 is no limit. */
  readonly idleTimeoutMs: number
  readonly keepAlive: boolean
}

/** An HTTP/1.1 server that ends in good order. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #onRequest: http.RequestListener
  #server: http.Server | undefined

  constructor(options: HttpServerOptions, onRequest: http.RequestListener) {
    this.#options = options
    this.#onRequest = onRequest
  }

  /** Resolves when it listens. Rejects as the Collector says it: `listen tcp host:port: bind: address already in use`. */
  async listen(): Promise<void> {
    const { tls, address } = this.#options
    const { headersTimeoutMs, requestTimeoutMs } = this.#options
    const limits = {
      // Node throws if the part may take longer than the whole.
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs || headersTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: this.#options.idleTimeoutMs,
    }
    const server =
      tls === undefined
        ? http.createServer(limits, this.#handle)
        : https.createServer({ ...limits, ...(await tlsServerOptions(tls)) }, this.#handle)
    server.on('clientError', (_error, socket) => socket.destroy())
    await listenOn(server, address)
    this.#server = server
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    const address = this.#server?.address() ?? null
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  /** Takes no more connections, finishes what runs, and at `deadline` ends that too. */
  async close(deadline: AbortSignal): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const cut = () => server.closeAllConnections()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeIdleConnections()
      if (deadline.aborted) cut()
      else deadline.addEventListener('abort', cut, { once: true })
    })
    deadline.removeEventListener('abort', cut)
  }

  #handle: http.RequestListener = (request, response) => {
    if (!this.#options.keepAlive || this.#server === undefined) response.shouldKeepAlive = false
    // A connection whose last answer was begun before `close` would be kept open by its client.
    response.on('close', () => this.#server === undefined && request.socket.destroySoon())
    this.#onRequest(request, response)
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
  ENOTFOUND: 'lookup: no such host',
}

function listenOn(server: http.Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = CAUSES[cause.code ?? ''] ?? cause.message
      reject(new Error(`listen tcp ${host ?? ''}:${port}: ${why}`, { cause }))
    })
    server.listen({ host, port }, () => resolve())
  })
}
