import { createServer, Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import { spans } from '../support/telemetry.ts'

/** A backend that counts the spans of each name. */
export interface Backend {
  readonly endpoint: string
  readonly port: number
  /** Answers with 503 and takes nothing. */
  isDown: boolean
  /** How often each span came. */
  readonly times: ReadonlyMap<string, number>
  /** How many spans came, each counted once. */
  readonly count: number
}

export async function startBackend(t: TestContext): Promise<Backend> {
  const times = new Map<string, number>()
  const backend = { isDown: false, times, endpoint: '', port: 0, count: 0 }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    try {
      for await (const part of request) parts.push(part)
    } catch {
      return // a killed weir sends half of a request
    }
    if (backend.isDown) {
      response.writeHead(503).end()
      return
    }
    for (const name of namesOf(Buffer.concat(parts))) times.set(name, (times.get(name) ?? 0) + 1)
    backend.count = times.size
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  backend.port = (server.address() as AddressInfo).port
  backend.endpoint = `http://127.0.0.1:${backend.port}`
  return backend
}

function namesOf(bytes: Buffer): string[] {
  const result = scanRequest(tracesCodec, bytes, () => undefined)
  if (result.kind === 'invalid') throw new Error(result.reason)
  const scopes = result.batch.resources().flatMap((one) => one.scopeSpans)
  return scopes.flatMap((scope) => scope.spans.map(({ name }) => name))
}

export interface FeedOptions {
  readonly port: number
  readonly spansPerRequest: number
  /** Milliseconds between two requests. */
  readonly everyMs: number
}

/** Sends requests one after another, at a given rate, and knows which were answered with 200. */
export class Feed {
  readonly #options: FeedOptions
  readonly #agent = new HttpAgent({ keepAlive: true })
  readonly #timer: NodeJS.Timeout
  readonly #open = new Set<Promise<void>>()
  #next = 0
  /** Numbers of requests that were taken. */
  readonly taken: number[] = []
  /** Requests with another answer, by its status; 0 is none at all. */
  readonly refused = new Map<number, number>()

  constructor(options: FeedOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      const sent = this.#send(this.#next++).finally(() => this.#open.delete(sent))
      this.#open.add(sent)
    }, options.everyMs)
  }

  /** Names of all spans that weir has taken. */
  names(): string[] {
    const { spansPerRequest } = this.#options
    return this.taken.flatMap((n) => Array.from({ length: spansPerRequest }, (_, i) => `${n} ${i}`))
  }

  /** Resolves when the last answer is there. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    this.#agent.destroy()
  }

  async #send(number: number): Promise<void> {
    const { port, spansPerRequest } = this.#options
    const status = await this.#post(port, spans(spansPerRequest, `${number}`).toProtobuf())
    if (status === 200) this.taken.push(number)
    else this.refused.set(status, (this.refused.get(status) ?? 0) + 1)
  }

  #post(port: number, body: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      const request = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path: '/v1/traces',
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/x-protobuf' },
        },
        (response) => {
          response.resume()
          response.on('end', () => resolve(response.statusCode ?? 0)).on('error', () => resolve(0))
        },
      )
      request.on('error', () => resolve(0)).end(body)
    })
  }
}

/** Resolves once `isDone`; the time limit of the test ends a wait in vain. */
export async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 20))
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
