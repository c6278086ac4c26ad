import http from 'node:http'
import https from 'node:https'
import type { Opaque } from '../../config/fields.ts'
import { type TlsClientConfig, tlsClientOptions } from './tls_fields.ts'

export interface HttpClientOptions {
  readonly tls: TlsClientConfig
  readonly headers: ReadonlyMap<string, Opaque>
  /** At the same time to one host; 0 is no limit. */
  readonly maxConnections: number
  readonly maxIdleConnections: number
  readonly keepAlive: boolean
}

export interface HttpRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly signal: AbortSignal
  /** Of the response's body; what lies beyond is read and thrown away. */
  readonly maxResponseBytes: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** An HTTP/1.1 client that keeps its connections. `open` reads the TLS files; `close` ends what is idle. */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #headers: Readonly<Record<string, string>>
  #plain: http.Agent | undefined
  #secure: https.Agent | undefined

  constructor(options: HttpClientOptions) {
    this.#options = options
    this.#headers = Object.fromEntries(
      [...options.headers].map(([name, value]) => [name.toLowerCase(), value.reveal()]),
    )
  }

  async open(): Promise<void> {
    const agent: http.AgentOptions = {
      keepAlive: this.#options.keepAlive,
      maxSockets: this.#options.maxConnections === 0 ? Infinity : this.#options.maxConnections,
      maxFreeSockets: this.#options.maxIdleConnections,
    }
    this.#plain = new http.Agent(agent)
    this.#secure = new https.Agent({ ...agent, ...(await tlsClientOptions(this.#options.tls)) })
  }

  close(): void {
    this.#plain?.destroy()
    this.#secure?.destroy()
  }

  /** Rejects when there is no response: network, TLS, `signal`. A connection that the server had closed is replaced once. */
  async post(request: HttpRequest): Promise<HttpResponse> {
    const first = await this.#exchange(request)
    return first === STALE ? expectFresh(await this.#exchange(request)) : first
  }

  #exchange(request: HttpRequest): Promise<HttpResponse | typeof STALE> {
    const secure = request.url.protocol === 'https:'
    const options: https.RequestOptions = {
      method: 'POST',
      agent: secure ? this.#secure : this.#plain,
      signal: request.signal,
      headers: {
        ...request.headers,
        ...this.#headers,
        'content-length': request.body.length,
      },
    }
    return new Promise((resolve, reject) => {
      const sent = (secure ? https : http).request(request.url, options)
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const stale = sent.reusedSocket && STALE_CODES.has(error.code ?? '')
        if (stale && !request.signal.aborted) resolve(STALE)
        else reject(error)
      })
      sent.on('response', (response) => {
        readBody(response, request.maxResponseBytes).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        )
      })
      sent.end(request.body)
    })
  }
}

/** A kept connection turned out to be closed, before an answer began. */
const STALE = Symbol('stale')
const STALE_CODES = new Set(['ECONNRESET', 'EPIPE'])

function expectFresh(response: HttpResponse | typeof STALE): HttpResponse {
  if (response === STALE) throw new Error('connection closed by the server, twice')
  return response
}

function readBody(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    response.on('data', (part: Buffer) => {
      if (bytes < maxBytes) parts.push(part.subarray(0, maxBytes - bytes))
      bytes += part.length
    })
    response.on('end', () => resolve(Buffer.concat(parts)))
    response.on('error', reject)
  })
}
