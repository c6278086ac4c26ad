import { lookup } from 'node:dns/promises'
import type { Context } from '../../pipeline/component.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import { timerMs } from '../../pipeline/timer.ts'
import type { LoadBalancingConfig } from './config.ts'
import { countResolution } from './count_resolution.ts'
import { K8sResolver } from './k8s_resolver.ts'
import type { Hear, Resolver } from './resolver.ts'

export type Lookup = (hostname: string) => Promise<readonly string[]>

const addressesOf: Lookup = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address)

export function resolverOf(
  ctx: Context,
  config: LoadBalancingConfig['resolver'],
  ask: Lookup = addressesOf,
): Resolver {
  if (config.static !== undefined) return new StaticResolver(ctx, config.static.hostnames)
  if (config.dns !== undefined) return new DnsResolver(ctx, config.dns, ask)
  if (config.k8s !== undefined) return new K8sResolver(ctx, config.k8s)
  throw new Error('no resolvers specified for the exporter')
}

class StaticResolver implements Resolver {
  readonly name = 'static'
  readonly #ctx: Context
  readonly #hostnames: readonly string[]

  constructor(ctx: Context, hostnames: readonly string[]) {
    this.#ctx = ctx
    this.#hostnames = hostnames.toSorted()
  }

  start(hear: Hear): Promise<void> {
    countResolution(this.#ctx, this.name, true)
    hear(this.#hostnames)
    return Promise.resolve()
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }
}

type DnsConfig = NonNullable<LoadBalancingConfig['resolver']['dns']>

const INTERVAL_MS = 5000
const TIMEOUT_MS = 1000

/** Asks for the addresses of a name now and then. An answer that fails changes nothing. */
class DnsResolver implements Resolver {
  readonly name = 'dns'
  readonly #ctx: Context
  readonly #config: DnsConfig
  readonly #ask: Lookup
  readonly #log
  #timer: NodeJS.Timeout | undefined

  constructor(ctx: Context, config: DnsConfig, ask: Lookup) {
    this.#ctx = ctx
    this.#config = config
    this.#ask = ask
    this.#log = limitedLog(ctx.now)
  }

  async start(hear: Hear): Promise<void> {
    this.#timer = setInterval(
      () => void this.#resolve(hear),
      timerMs(this.#config.interval || INTERVAL_MS),
    )
    this.#timer.unref()
    await this.#resolve(hear)
  }

  stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    return Promise.resolve()
  }

  async #resolve(hear: Hear): Promise<void> {
    const { hostname, port, timeout } = this.#config
    try {
      const found = await within(this.#ask(hostname), timeout || TIMEOUT_MS)
      countResolution(this.#ctx, this.name, true)
      const suffix = port === '' || port === null ? '' : `:${port}`
      const hosts = found.map((one) => (one.includes(':') ? `[${one}]` : one) + suffix)
      if (this.#timer !== undefined) hear(hosts.sort())
    } catch (error) {
      countResolution(this.#ctx, this.name, false)
      const fields = { hostname, error: String(error) }
      this.#log(this.#ctx.log.warn, 'resolve', 'failed to resolve; the backends stay', fields)
    }
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms}ms`)), timerMs(ms))
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
