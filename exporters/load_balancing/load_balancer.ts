import {
  type ClientInfo,
  type Component,
  type Consumer,
  type Context,
  RefusedError,
} from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { Destination } from '../../pipeline/exporter_helper.ts'
import type { Divide } from './divide.ts'
import type { Hear, Resolver } from './resolver.ts'
import { Ring, type RingKind } from './ring.ts'

const PORT = 4317
const GONE_MS = 30_000 // for what a backend that is gone has in its queue

export type Backend<T> = Component & Consumer<T>

interface Entered<T> {
  readonly exporter: Backend<T>
  readonly started: Promise<void>
}

/** Sends each part of a batch to the backend that its key belongs to. */
export class LoadBalancer<R> implements Destination<Batch<R>> {
  readonly #ctx: Context
  readonly #resolver: Resolver
  readonly #divide: Divide<R>
  readonly #make: (endpoint: string) => Backend<Batch<R>>
  readonly #backends = new Map<string, Entered<Batch<R>>>()
  readonly #leaving = new Set<Promise<void>>()
  /** What is left of a batch that was sent in part, for the next attempt. */
  readonly #left = new WeakMap<Batch<R>, Batch<R>>()
  readonly #ringKind: RingKind | undefined
  #ring = new Ring([])
  #current: readonly string[] = []

  constructor(
    ctx: Context,
    resolver: Resolver,
    divide: Divide<R>,
    make: (endpoint: string) => Backend<Batch<R>>,
    ringKind?: RingKind,
  ) {
    this.#ringKind = ringKind
    this.#ctx = ctx
    this.#resolver = resolver
    this.#divide = divide
    this.#make = make
    ctx.gauge('loadbalancer_num_backends', () => this.#backends.size)
  }

  open(): Promise<void> {
    return this.#resolver.start((backends) => this.#change(backends))
  }

  async close(): Promise<void> {
    await this.#resolver.stop()
    for (const endpoint of this.#backends.keys()) this.#leave(endpoint)
    await Promise.all(this.#leaving)
  }

  /** The backends of now: new ones are started before the first key is theirs. */
  #change: Hear = (backends) => {
    if (backends.join() === this.#current.join()) return
    this.#ctx.count('loadbalancer_num_backend_updates', 1, { resolver: this.#resolver.name })
    this.#current = backends
    for (const one of backends) this.#enter(one)
    this.#ring = new Ring(backends, this.#ringKind)
    for (const known of this.#backends.keys()) if (!backends.includes(known)) this.#leave(known)
  }

  #enter(backend: string): void {
    if (this.#backends.has(backend)) return
    const exporter = this.#make(endpointOf(backend))
    const started = exporter.start()
    this.#backends.set(backend, { exporter, started })
    started.catch((error: unknown) => {
      this.#ctx.log.error('a backend cannot be used', { backend, error: String(error) })
    })
  }

  /** What waits for it may still reach it; at the deadline the rest is counted as dropped. */
  #leave(endpoint: string): void {
    const entered = this.#backends.get(endpoint)
    this.#backends.delete(endpoint)
    if (entered === undefined) return
    const gone = entered.exporter.shutdown(AbortSignal.timeout(GONE_MS)).catch((error: unknown) => {
      this.#ctx.log.warn('a backend that is gone', { endpoint, error: String(error) })
    })
    this.#leaving.add(gone)
    void gone.then(() => this.#leaving.delete(gone))
  }

  async send(batch: Batch<R>, signal: AbortSignal, client?: ClientInfo): Promise<void> {
    if (this.#current.length === 0) throw new RefusedError('no backends are known')
    const parts = this.#divide(this.#left.get(batch) ?? batch, (key) =>
      key === undefined ? undefined : this.#ring.backendOf(key),
    )
    const info = { signal, ...(client && { client }) }
    const failed: { readonly part: Batch<R>; readonly error: unknown }[] = []
    const sent = [...parts].map(async ([backend, part]) => {
      try {
        await this.#sendTo(backend, part, info)
      } catch (error) {
        failed.push({ part, error })
      }
    })
    await Promise.all(sent)
    this.#judge(batch, failed)
  }

  async #sendTo(
    backend: string | undefined,
    part: Batch<R>,
    info: { readonly signal: AbortSignal },
  ): Promise<void> {
    if (backend === undefined) {
      this.#ctx.count('dropped_no_routing_key', part.count)
      return
    }
    const began = this.#ctx.now()
    const outcome = (success: boolean) => {
      const labels = { endpoint: backend, success: String(success) }
      this.#ctx.count('loadbalancer_backend_outcome', 1, labels)
      const ms = this.#ctx.now() - began
      this.#ctx.measure('loadbalancer_backend_latency', ms, { endpoint: backend })
    }
    try {
      const entered = this.#backends.get(backend)
      await entered?.started
      await entered?.exporter.consume(part, info)
      outcome(true)
    } catch (error) {
      outcome(false)
      throw error
    }
  }

  /** What may be sent again is; what may not is lost, and counted. */
  #judge(
    batch: Batch<R>,
    failed: readonly { readonly part: Batch<R>; readonly error: unknown }[],
  ): void {
    const again = failed.filter(({ error }) => error instanceof RefusedError)
    const lost = failed.filter(({ error }) => !(error instanceof RefusedError))
    const [first, ...rest] = again
    if (first === undefined) {
      if (lost[0] !== undefined) throw lost[0].error
      return
    }
    for (const { part } of lost) this.#ctx.count('dropped_backend_refused', part.count)
    this.#left.set(batch, first.part.join(rest.map(({ part }) => part)))
    throw first.error
  }
}

/** With a port. */
const endpointOf = (backend: string): string =>
  /:\d+$/.test(backend.replace(/^\[.*\]/, '')) ? backend : `${backend}:${PORT}`

/** Of the exporter of one backend: its counters have the backend as label, its queue is its own. */
export const backendContext = (ctx: Context, endpoint: string): Context => ({
  ...ctx,
  count: (name, n, labels) =>
    name.startsWith('dropped_')
      ? ctx.count(name, n, labels)
      : ctx.count(`backend_${name}`, n, { ...labels, endpoint }),
  gauge: () => undefined,
  status: () => undefined,
})
