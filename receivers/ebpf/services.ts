import type { Description, Descriptions } from './discovery/description.ts'
import { type Identity, identify } from './discovery/identity.ts'
import { NO_LABELS, type ServiceLabels } from './discovery/pod_identity.ts'
import type { KnownProcess, ServiceSettings } from './discovery/process.ts'
import type { AllRoutes, ServiceRoutes } from './routes/routes.ts'

/** A process as the service that it is. */
export interface Service {
  readonly description: Description
  readonly identity: Identity
  readonly settings: ServiceSettings
  readonly routes: ServiceRoutes
}

/** Each process is described and named when somebody first asks, and again when it is decided about anew. */
export class Services {
  readonly #descriptions: Descriptions
  readonly #routes: AllRoutes
  readonly #labels: ServiceLabels
  readonly #known = new WeakMap<KnownProcess, Service>()

  constructor(descriptions: Descriptions, routes: AllRoutes, labels = NO_LABELS) {
    this.#descriptions = descriptions
    this.#routes = routes
    this.#labels = labels
  }

  of(known: KnownProcess): Service {
    const service = this.#known.get(known)
    if (service !== undefined) return service
    const made = this.#make(known)
    this.#known.set(known, made)
    return made
  }

  #make({ process, maker, pod, decision: { settings } }: KnownProcess): Service {
    const description = this.#descriptions.of(process)
    const identity = identify({
      ...{ process, maker, ...description, chosen: settings },
      ...{ pod, labels: this.#labels },
    })
    const key = `${identity.namespace}/${identity.name}`
    const routes = this.#routes.ofService(key, settings.routes)
    return { description, identity, settings, routes }
  }
}
