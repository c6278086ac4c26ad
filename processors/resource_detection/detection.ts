import type { Context } from '../../pipeline/component.ts'
import { type Attribute, int, string, strings } from '../../pipeline/data/attributes.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import { timerMs } from '../../pipeline/timer.ts'
import { type DetectionConfig, type DetectorName, EC2_ATTEMPTS, EC2_BACKOFF_MS } from './config.ts'
import { type Detect, type Detected, NotHere } from './detector.ts'
import { ecs, eks, lambda } from './detectors/aws.ts'
import { aks, azure } from './detectors/azure.ts'
import { docker } from './detectors/docker.ts'
import { dynatrace } from './detectors/dynatrace.ts'
import { ec2 } from './detectors/ec2.ts'
import { env } from './detectors/env.ts'
import { gcp } from './detectors/gcp.ts'
import { kubernetes } from './detectors/kubernetes.ts'
import { system } from './detectors/system.ts'
import { realWorld, type World } from './world.ts'

type Section = {
  readonly resource_attributes?: Readonly<Record<string, { readonly enabled: boolean }>>
}

/** Each with its own options. */
const ALL: Readonly<Record<DetectorName, Detect<never>>> = {
  env,
  system,
  docker,
  dynatrace,
  gcp,
  ec2,
  ecs,
  eks,
  lambda,
  azure,
  aks,
  k8s_api: kubernetes,
  k8snode: kubernetes,
}

/** Looks where it is, once or again and again: one for all pipelines of a configured processor. */
export class Detection {
  readonly #ctx: Context
  readonly #config: DetectionConfig
  readonly #world: World
  #found: readonly Attribute[] = []
  #users = 0
  #started: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(ctx: Context, config: DetectionConfig, world: World = realWorld) {
    this.#ctx = ctx
    this.#config = config
    this.#world = world
  }

  get attributes(): readonly Attribute[] {
    return this.#found
  }

  /** Rejects if a detector fails though its place is here. */
  start(): Promise<void> {
    this.#users += 1
    if (this.#started === undefined) {
      const { ec2: ec2Options, eks: eksOptions } = this.#config
      warnUnused(this.#ctx.log, {
        'ec2::tags_from_imds': !ec2Options.tags_from_imds,
        'ec2::max_attempts': ec2Options.max_attempts !== EC2_ATTEMPTS,
        'ec2::max_backoff': ec2Options.max_backoff !== EC2_BACKOFF_MS,
        'eks::node_from_env_var': eksOptions.node_from_env_var,
      })
    }
    this.#started ??= this.#begin()
    return this.#started
  }

  stop(): void {
    this.#users -= 1
    if (this.#users > 0) return
    clearInterval(this.#timer)
    this.#started = undefined
  }

  async #begin(): Promise<void> {
    this.#found = await this.#look()
    const about = Object.fromEntries(this.#found.map(({ key }) => [key, true]))
    this.#ctx.log.info('detected resource information', { attributes: Object.keys(about) })
    const { refresh_interval: every } = this.#config
    if (every > 0) this.#timer = setInterval(() => void this.#again(), timerMs(every)).unref()
  }

  /** What was found before stays if it cannot be found again. */
  async #again(): Promise<void> {
    try {
      this.#found = await this.#look()
    } catch (error) {
      this.#ctx.log.warn('resource detection failed; the last result stays', { error })
    }
  }

  async #look(): Promise<readonly Attribute[]> {
    const { detectors, timeout, retry, attributes: wanted } = this.#config
    const limit = retry.max_elapsed_time || timeout
    const abort = new AbortController()
    const timer = limit > 0 ? setTimeout(() => abort.abort(), timerMs(limit)) : undefined
    try {
      const all = await Promise.all(detectors.map((name) => this.#ask(name, abort.signal)))
      const first = new Map<string, Attribute>()
      for (const one of all.flat()) {
        const isWanted = wanted.length === 0 || wanted.includes(one.key)
        if (isWanted && !first.has(one.key)) first.set(one.key, one)
      }
      return [...first.values()]
    } finally {
      clearTimeout(timer)
    }
  }

  /** Again and again until it answers, or time is up. */
  async #ask(name: DetectorName, signal: AbortSignal): Promise<readonly Attribute[]> {
    const { retry, ec2: ec2Options, fail_on_missing_metadata: allMustBeHere } = this.#config
    const mustBeHere = allMustBeHere || (name === 'ec2' && ec2Options.fail_on_missing_metadata)
    let wait = retry.initial_interval
    for (;;) {
      try {
        return await this.#once(name, signal)
      } catch (error) {
        const why = messageOf(error)
        if (error instanceof NotHere && !mustBeHere) {
          this.#ctx.log.info('a detector is not at its place', { detector: name, reason: why })
          return []
        }
        const isLast = !retry.enabled || name === 'env'
        if (!isLast) {
          this.#ctx.log.warn('failed to detect resource', { detector: name, error: why })
          await pause(jittered(wait, retry.randomization_factor), signal)
        }
        // Once time is up it would look as if nobody was here.
        if (isLast || signal.aborted) {
          throw new Error(`failed to detect resource by ${name}: ${why}`, { cause: error })
        }
      }
      wait = Math.min(retry.max_interval, wait * retry.multiplier)
    }
  }

  async #once(name: DetectorName, signal: AbortSignal): Promise<readonly Attribute[]> {
    const options: Section = name === 'env' ? {} : this.#config[name]
    const switches = options.resource_attributes ?? {}
    const wants = (attribute: string) => switches[attribute]?.enabled !== false
    const look = { world: this.#world, options: options as never, wants, signal }
    return attributesOf(await ALL[name](look), wants)
  }
}

const jittered = (ms: number, share: number): number => ms * (1 + share * (2 * Math.random() - 1))

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  return promise.finally(() => clearTimeout(timer))
}

function attributesOf(detected: Detected, wants: (key: string) => boolean): readonly Attribute[] {
  return Object.entries(detected).flatMap(([key, value]): Attribute[] => {
    if (value === undefined || value === '' || !wants(key)) return []
    if (typeof value === 'string') return [string(key, value)]
    return [typeof value === 'number' ? int(key, value) : strings(key, value)]
  })
}
