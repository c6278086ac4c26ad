import type http from 'node:http'
import type https from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { Opaque } from '../../config/fields.ts'
import type { ClientInfo, Logger } from '../component.ts'
import { authorized, type ClientAuthenticator } from './auth.ts'
import { builtins } from './builtins.ts'
import { CookieJar } from './cookies.ts'
import { plainAgent, secureAgent } from './http_agents.ts'
import { proxyFor, proxyHeaders } from './proxy.ts'
import { type TellDuration, timeHttp } from './request_duration.ts'
import { isSocks } from './socks.ts'
import { tlsCommonOptions } from './tls_common.ts'
import { type TlsClientConfig, tlsClient } from './tls_fields.ts'
import { keepFresh } from './tls_reload.ts'

export interface HttpClientOptions {
  /** Where all requests go. */
  readonly url: URL
  readonly tls: TlsClientConfig
  readonly headers: ReadonlyMap<string, Opaque>
  /** Wins over the environment; '' is none. */
  readonly proxyUrl: string
  /** What Node's agent is made with. */
  readonly agent: http.AgentOptions & {
    readonly readableHighWaterMark?: number
    readonly writableHighWaterMark?: number
  }
  readonly maxRedirects: number
  /** Whether cookies that the backend sets go back to it. */
  readonly cookies: boolean
  /** Asked once, when extensions are there. */
  readonly authenticator: () => ClientAuthenticator | undefined
  readonly log: Logger
  /** Hears how long each request took. */
  readonly duration: TellDuration
}

export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  /** In pieces, which are sent one after the other. */
  readonly body: readonly Uint8Array[]
  readonly signal: AbortSignal
  /** From whom came what is sent. */
  readonly client?: ClientInfo | undefined
  /** Of the response's body; what lies beyond is read and thrown away. */
  readonly maxResponseBytes: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** An HTTP/1.1 client of one URL that keeps its connections. `open` reads the TLS files; `close` ends what is idle. */
export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #proxy: URL | undefined
  readonly #cookies: CookieJar | undefined
  #agent: http.Agent | undefined
  #authenticator: ClientAuthenticator | undefined
  #stopRefresh: (() => void) | undefined

  constructor(options: HttpClientOptions) {
    this.#options = options
    this.#headers = {
      // Without it an agent that may have so many connections only keeps one for whoever waits.
      ...(options.agent.keepAlive === false && { connection: 'close' }),
      ...Object.fromEntries(
        [...options.headers].map(([name, value]) => [name.toLowerCase(), value.reveal()]),
      ),
    }
    this.#cookies = options.cookies ? new CookieJar(options.url.hostname) : undefined
    this.#proxy = proxyFor(options.url, options.proxyUrl, process.env)
  }

  async open(): Promise<void> {
    const { tls, log, url } = this.#options
    this.#authenticator = this.#options.authenticator()
    if (url.protocol !== 'https:') {
      this.#agent = plainAgent(this.#options.agent, this.#proxy)
      return
    }
    const files = await tlsCommonOptions(tls)
    this.#use(files)
    this.#stopRefresh = keepFresh(files, {
      intervalMs: tls.reload_interval,
      watched: '',
      read: () => tlsCommonOptions(tls),
      apply: (fresh) => this.#use(fresh),
      log,
    })
  }

  /** Connections to come; those that are under way finish. */
  #use(files: SecureContextOptions): void {
    const before = this.#agent
    const client = tlsClient(this.#options.tls, files)
    this.#agent = secureAgent(this.#options.agent, client, this.#proxy)
    if (before !== undefined) closeIdle(before)
  }

  close(): void {
    this.#stopRefresh?.()
    this.#agent?.destroy()
  }

  /** Rejects when there is no response: network, TLS, `signal`. A connection that the server had closed is replaced once. */
  async post(request: HttpRequest): Promise<HttpResponse> {
    const own = { ...request.headers, ...this.#headers }
    const headers = await authorized(this.#authenticator, { headers: own, client: request.client })
    let url = this.#options.url
    for (let left = this.#options.maxRedirects; ; left--) {
      const response = await this.#exchangeFresh(url, { ...request, headers })
      const next = redirectOf(response, url)
      if (next === undefined || left === 0) return response
      url = next
    }
  }

  async #exchangeFresh(url: URL, request: HttpRequest): Promise<HttpResponse> {
    const done = this.#timed(url)
    try {
      const first = await this.#exchange(url, request)
      const answer = first === STALE ? expectFresh(await this.#exchange(url, request)) : first
      done(answer.status)
      return answer
    } catch (error) {
      done(undefined)
      throw error
    }
  }

  #timed({ protocol, hostname, port }: URL): (status: number | undefined) => void {
    const done = timeHttp(this.#options.duration, 'client')
    const scheme = protocol.slice(0, -1)
    const usual = scheme === 'https' ? 443 : 80
    return (status) =>
      done({ method: 'POST', status, scheme, address: hostname, port: Number(port) || usual })
  }

  #exchange(url: URL, request: HttpRequest): Promise<HttpResponse | typeof STALE> {
    const options: https.RequestOptions = {
      ...this.#target(url),
      method: 'POST',
      agent: this.#agent,
      signal: request.signal,
    }
    const headers = { ...options.headers, ...request.headers, ...this.#cookie(url, request) }
    return new Promise((resolve, reject) => {
      const sent = (url.protocol === 'https:' ? builtins.https : builtins.http).request({
        ...options,
        headers: { ...headers, 'content-length': lengthOf(request.body) },
      })
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const stale = sent.reusedSocket && STALE_CODES.has(error.code ?? '')
        if (stale && !request.signal.aborted) resolve(STALE)
        else reject(error)
      })
      sent.on('response', (response) => {
        this.#cookies?.keep(response.headers['set-cookie'] ?? [], url.pathname, Date.now())
        readBody(response, request.maxResponseBytes).then(
          (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          reject,
        )
      })
      for (const piece of request.body) sent.write(piece)
      sent.end()
    })
  }

  /** Those that were kept follow those that the configuration names itself. */
  #cookie(url: URL, { headers: { cookie } }: HttpRequest): { readonly cookie?: string } {
    const kept = this.#cookies?.header(url.pathname, url.protocol === 'https:', Date.now())
    if (kept === undefined) return {}
    return { cookie: cookie === undefined ? kept : `${cookie}; ${kept}` }
  }

  /** A plain request names its target to a proxy of HTTP; all else goes through a tunnel, which its agent makes. */
  #target(url: URL): https.RequestOptions {
    const at = { host: bare(url), port: url.port, path: `${url.pathname}${url.search}` }
    if (this.#proxy === undefined || url.protocol === 'https:' || isSocks(this.#proxy)) return at
    return {
      host: bare(this.#proxy),
      port: this.#proxy.port,
      path: url.href,
      headers: { host: url.host, ...proxyHeaders(this.#proxy) },
    }
  }
}

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, one) => sum + one.length, 0)

const bare = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** A kept connection turned out to be closed, before an answer began. */
const STALE = Symbol('stale')
const STALE_CODES = new Set(['ECONNRESET', 'EPIPE'])

function expectFresh(response: HttpResponse | typeof STALE): HttpResponse {
  if (response === STALE) throw new Error('connection closed by the server, twice')
  return response
}

/** Where a 307 or 308 of the same origin says to go. To another one our credentials and data do not follow. */
function redirectOf({ status, headers }: HttpResponse, from: URL): URL | undefined {
  if ((status !== 307 && status !== 308) || headers.location === undefined) return undefined
  if (!URL.canParse(headers.location, from)) return undefined
  const to = new URL(headers.location, from)
  return to.origin === from.origin ? to : undefined
}

function closeIdle(agent: http.Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy()
  }
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
