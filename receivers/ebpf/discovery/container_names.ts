import { readdirSync } from 'node:fs'
import { readSmall } from './target_files.ts'

/** What a container is called, '' where nothing tells. */
export interface ContainerNames {
  readonly name: string
  /** Of Kubernetes. */
  readonly podName: string
  readonly namespace: string
}

export const NO_NAMES: ContainerNames = { name: '', podName: '', namespace: '' }

const KNOWN_MAX = 4096
const LOGS = '/var/log/containers'
const DOCKER = '/var/lib/docker/containers'
const PODMAN = '/var/lib/containers/storage/overlay-containers/containers.json'

/**
 * Containers by id, from what their runtimes keep on this node: no API is asked. The kubelet links
 * /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log; Docker and Podman keep a file of settings.
 */
export class Containers {
  readonly #known = new Map<string, ContainerNames>()
  readonly #root: string

  /** `root` is in front of every path. */
  constructor(root = '') {
    this.#root = root
  }

  names(id: string): ContainerNames {
    if (id === '') return NO_NAMES
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const found = this.#ofKubernetes(id) ?? this.#ofDocker(id) ?? this.#ofPodman(id)
    // A container that its runtime is still about to describe is asked for again.
    if (found === undefined) return NO_NAMES
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(id, found)
    return found
  }

  #ofKubernetes(id: string): ContainerNames | undefined {
    const file = this.#list(LOGS).find((name) => name.endsWith(`-${id}.log`))
    const parts = file?.slice(0, -`-${id}.log`.length).split('_')
    const [podName, namespace, name] = parts ?? []
    if (podName === undefined || namespace === undefined || name === undefined) return undefined
    return { name, podName, namespace }
  }

  #ofDocker(id: string): ContainerNames | undefined {
    const text = readSmall(`${this.#root}${DOCKER}/${id}/config.v2.json`)
    const name = nameOf(parse(text))
    return name === undefined ? undefined : { ...NO_NAMES, name: name.replace(/^\//, '') }
  }

  #ofPodman(id: string): ContainerNames | undefined {
    const list = parse(readSmall(this.#root + PODMAN))
    if (!Array.isArray(list)) return undefined
    const found = (list as { id?: unknown; names?: unknown }[]).find((one) => one.id === id)
    const name: unknown = Array.isArray(found?.names) ? found.names[0] : undefined
    return typeof name === 'string' ? { ...NO_NAMES, name } : undefined
  }

  #list(folder: string): string[] {
    try {
      return readdirSync(this.#root + folder)
    } catch {
      return []
    }
  }
}

const nameOf = (config: unknown): string | undefined => {
  if (typeof config !== 'object' || config === null || !('Name' in config)) return undefined
  return typeof config.Name === 'string' ? config.Name : undefined
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
