import type { Resource } from '../../pipeline/data/resource.ts'
import type { Clock } from './clock.ts'
import type { KnownProcess } from './discovery/process.ts'
import { processResource, readHost } from './resource.ts'
import type { Services } from './services.ts'

interface ResourcesOptions {
  readonly clock: Clock
  readonly services: Services
  /** '' if nobody has said it. */
  readonly clusterName: string
  /** Of weir. */
  readonly version: string
}

/** The resources of processes, each made once. */
export class Resources {
  readonly #made = new WeakMap<KnownProcess, Resource>()
  readonly #options: ResourcesOptions
  readonly #host = readHost()

  constructor(options: ResourcesOptions) {
    this.#options = options
  }

  of(known: KnownProcess): Resource {
    const made = this.#made.get(known) ?? this.#make(known)
    this.#made.set(known, made)
    return made
  }

  #make(known: KnownProcess): Resource {
    const { process, pod } = known
    const { services, clusterName, version } = this.#options
    const startedMs = this.#startedMs(process.startedNs)
    const facts = { process, pod, clusterName, ...services.of(known), startedMs }
    return processResource(facts, this.#host, version)
  }

  /** 0 stays 0: nobody knows. */
  #startedMs(startedNs: number): number {
    if (startedNs === 0) return 0
    const [seconds, nanoseconds] = this.#options.clock.unixTime(startedNs)
    return seconds * 1000 + Math.floor(nanoseconds / 1e6)
  }
}
