import { readFile } from 'node:fs/promises'
import type http from 'node:http'
import { builtins } from '../net/builtins.ts'
import { timerMs } from '../timer.ts'
import type { Access } from './kube_config.ts'
import { linesOf } from './lines.ts'

/** What an API server or kubelet refused. */
export class KubeError extends Error {
  readonly code = 'KUBE_REFUSED'
  /** 0 if there was no answer. */
  readonly status: number
  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'KubeError'
    this.status = status
  }
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: unknown
}

export interface ClientOptions {
  readonly access: Access
  /** Requests in a second, on average. */
  readonly qps: number
  /** Requests at once. */
  readonly burst: number
  /** Hears of each request. */
  readonly onRequest?: (path: string) => void
}

const CONNECT_MS = 15_000
const MAX_BODY_BYTES = 256 << 20
const UNAUTHORIZED = 401
/** The role of who asks does not allow it. */
export const FORBIDDEN = 403

/** Reads from an API server over HTTPS. One connection for each watch, one more for the rest. */
export class KubeClient {
  readonly #options: ClientOptions
  readonly #agent: http.Agent
  #token: string | undefined
  /** When the next request may begin, milliseconds. */
  #nextAt = 0

  constructor(options: ClientOptions) {
    this.#options = options
    const { server, ca, cert, key, skipVerify } = options.access
    this.#agent =
      server.protocol === 'https:'
        ? new builtins.https.Agent({
            keepAlive: true,
            ca,
            cert,
            key,
            rejectUnauthorized: !skipVerify,
          })
        : new builtins.http.Agent({ keepAlive: true })
  }

  close(): void {
    this.#agent.destroy()
  }

  /** The object at a path with query. Rejects with `KubeError`. */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#open(path, signal)
    response.setTimeout(CONNECT_MS, () => response.destroy(new Error('the answer does not end')))
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of response) {
      parts.push(part as Buffer)
      bytes += (part as Buffer).length
      if (bytes > MAX_BODY_BYTES)
        throw new KubeError(0, `GET ${path}: more than ${MAX_BODY_BYTES} bytes`)
    }
    return JSON.parse(Buffer.concat(parts).toString())
  }

  /** Events as they come, until the server ends the watch. Rejects with `KubeError`. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.#open(path, signal)
    for await (const line of linesOf(response)) yield JSON.parse(line) as WatchEvent
  }

  /** The answer once its head is there. A token that is refused is read anew, once. */
  async #open(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    await this.#turn(signal)
    this.#options.onRequest?.(path)
    let response = await this.#request(path, signal)
    if (response.statusCode === UNAUTHORIZED && (await this.#hasNewToken())) {
      response.resume()
      response = await this.#request(path, signal)
    }
    if (response.statusCode === 200) return response
    throw await refusal(path, response)
  }

  async #request(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const { server } = this.#options.access
    this.#token ??= await this.#readToken()
    const token = this.#token
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const request = (server.protocol === 'https:' ? builtins.https : builtins.http).request(
      new URL(path, server),
      {
        agent: this.#agent,
        signal,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
      },
    )
    const timer = setTimeout(() => request.destroy(new Error('no answer')), CONNECT_MS)
    request.on('response', resolve)
    request.on('error', (cause) =>
      reject(new KubeError(0, `GET ${path}: ${cause.message}`, { cause })),
    )
    request.end()
    return promise.finally(() => clearTimeout(timer))
  }

  async #readToken(): Promise<string | undefined> {
    const { token, tokenFile } = this.#options.access
    return tokenFile === undefined ? token : (await readFile(tokenFile, 'utf8')).trim()
  }

  async #hasNewToken(): Promise<boolean> {
    const before = this.#token
    this.#token = await this.#readToken()
    return this.#token !== before
  }

  /** Waits for its turn by `qps` and `burst`. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { qps, burst } = this.#options
    const now = performance.now()
    const interval = 1000 / qps
    this.#nextAt = Math.max(this.#nextAt, now - (burst - 1) * interval) + interval
    const wait = this.#nextAt - interval - now
    if (wait > 0) await sleep(wait, signal)
  }
}

/** Resolves after so many milliseconds, or when the signal says so. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timerMs(ms))
  signal.addEventListener('abort', () => resolve(), { once: true })
  if (signal.aborted) resolve()
  return promise.finally(() => clearTimeout(timer))
}

const MAX_REASON = 300

async function refusal(path: string, response: http.IncomingMessage): Promise<KubeError> {
  let text = ''
  for await (const part of response) if (text.length < MAX_REASON * 4) text += String(part)
  const { statusCode = 0, statusMessage = '' } = response
  const said = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text
  return new KubeError(
    statusCode,
    `GET ${path}: ${statusCode} ${statusMessage}: ${said.slice(0, MAX_REASON)}`,
  )
}
