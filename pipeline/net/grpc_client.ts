import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, unaryCall } from './grpc_call.ts'
import { Connection, type ConnectionOptions } from './grpc_connection.ts'
import { Code, StatusError } from './grpc_status.ts'
import { type Address, addressText, resolve, type Target } from './grpc_target.ts'

export interface GrpcClientOptions extends ConnectionOptions {
  readonly target: Target
  readonly balancer: 'round_robin' | 'pick_first'
  /** Whether a call waits for a connection instead of failing while there is none. */
  readonly waitForReady: boolean
  /** Sent with each call. */
  readonly secure: boolean
}

/** How often names are looked up again, at most: after a connection was lost or cannot be made. */
const RESOLVE_MS = 30_000
const MAX_ANSWER_BYTES = 4 << 20

/** Unary calls, bytes in and out, over connections to all addresses of one target. */
export class GrpcClient {
  readonly #options: GrpcClientOptions
  #connections: Connection[] = []
  #resolving: Promise<void> | undefined
  #resolvedAt = Number.NEGATIVE_INFINITY
  #next = 0
  #closed = false

  constructor(options: GrpcClientOptions) {
    this.#options = options
  }

  /** Rejects with `StatusError`; without a connection that is Unavailable. */
  async call(
    path: string,
    headers: Readonly<Record<string, string>>,
    pieces: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<Answer> {
    const { authority, secure } = this.#options
    const all = {
      ':method': 'POST',
      ':path': path,
      ':scheme': secure ? 'https' : 'http',
      ':authority': authority,
      te: 'trailers',
      'content-type': 'application/grpc',
      ...headers,
    }
    const connection = await this.#pick(signal)
    const session = await connection.session().catch(unavailable)
    connection.count(1)
    try {
      return await unaryCall(session, all, pieces, MAX_ANSWER_BYTES, signal).catch(unavailable)
    } finally {
      connection.count(-1)
    }
  }

  /** Ends the connections, after the calls that are under way. */
  close(): void {
    this.#closed = true
    for (const connection of this.#connections) connection.close()
  }

  /** A connection that is ready, by the rule of the balancer. */
  async #pick(signal: AbortSignal): Promise<Connection> {
    for (;;) {
      await this.#resolve().catch(unavailable)
      const failure = await this.#firstReady(signal)
      if (failure instanceof Connection) return failure
      if (this.#closed || !this.#options.waitForReady) return unavailable(failure)
      const waitMs = Math.min(...this.#connections.map((one) => one.waitMs))
      await sleep(Math.max(10, waitMs), undefined, { signal }).catch(unavailable)
    }
  }

  /** One that is ready, else tries them in turn, each once. Gives why the last is not. */
  async #firstReady(signal: AbortSignal): Promise<Connection | Error> {
    const all = this.#connections
    const roundRobin = this.#options.balancer === 'round_robin'
    if (roundRobin) for (const one of all) one.wake()
    const ready = all.filter((one) => one.isReady)
    const chosen = ready[roundRobin ? this.#next++ % ready.length : 0]
    if (chosen !== undefined) return chosen
    let failure = new Error(`no addresses for ${this.#options.authority}`)
    for (const connection of all) {
      try {
        await orAborted(connection.session(), signal)
        return connection
      } catch (error) {
        failure = error as Error
      }
    }
    return failure
  }

  /** Looks the target up if that is due, and keeps the connections to addresses that stay. */
  #resolve(): Promise<void> {
    if (this.#resolving !== undefined) return this.#resolving
    const now = performance.now()
    const troubled = this.#connections.some((one) => one.failure !== undefined)
    const isDue = troubled && now - this.#resolvedAt >= RESOLVE_MS
    if (this.#connections.length > 0 && !isDue) return Promise.resolve()
    this.#resolvedAt = now
    // A proxy looks names up by itself.
    const { target, proxy } = this.#options
    this.#resolving = (proxy === undefined ? resolve(target) : Promise.resolve([target.at]))
      .then((addresses) => this.#use(addresses))
      .finally(() => {
        this.#resolving = undefined
      })
    return this.#resolving
  }

  #use(addresses: readonly Address[]): void {
    const known = new Map(this.#connections.map((one) => [addressText(one.address), one]))
    this.#connections = addresses.map((address) => {
      const kept = known.get(addressText(address))
      known.delete(addressText(address))
      return kept ?? new Connection(address, this.#options)
    })
    for (const gone of known.values()) gone.close()
  }
}

function unavailable(cause: Error): never {
  if (cause instanceof StatusError) throw cause
  throw new StatusError({ code: Code.unavailable, message: cause.message }, undefined, { cause })
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
