import type { KubeObject, PodObject } from './objects.ts'
import { type Pod, readPod } from './pod.ts'
import type { Sink } from './watcher.ts'

export interface Found {
  readonly pod: Pod
  /** The container that the id is of. */
  readonly container?: string
}

interface Entry {
  readonly pod: Pod
  /** Milliseconds; undefined while it is there. */
  goneAt: number | undefined
}

export interface PodsOptions {
  readonly now: () => number
  readonly graceMs: number
  /** Which labels and annotations are of use. */
  readonly keeps: (key: string) => boolean
  readonly excludes: (name: string) => boolean
  /** Hears of each pod that came, changed or went. */
  readonly onChange: (kind: 'added' | 'updated' | 'deleted', pod: Pod) => void
}

/**
 * Pods by all that names them. One that is gone stays for a while under its uid, name and containers, for what it has still
 * sent; its address is nobody's then, or another pod's.
 */
export class Pods {
  readonly #options: PodsOptions
  readonly #byUid = new Map<string, Entry>()
  readonly #byContainer = new Map<string, Found>()
  readonly #byName = new Map<string, string>()
  /** Pods that hold an address now: of two that say so none is meant. */
  readonly #byIp = new Map<string, Set<string>>()
  /** Uids in the order in which they went. */
  readonly #gone = new Set<string>()

  constructor(options: PodsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byUid.size
  }

  get all(): Iterable<Pod> {
    return [...this.#byUid.values()].map(({ pod }) => pod)
  }

  /** Takes what is listed and watched of one namespace, or of all if it is ''. */
  section(namespace: string): Sink {
    let listed = new Set<string>()
    const isMissing = ({ pod, goneAt }: Entry) =>
      goneAt === undefined &&
      (namespace === '' || pod.namespace === namespace) &&
      !listed.has(pod.uid)
    return {
      begin: () => {
        listed = new Set()
      },
      put: (object) => {
        listed.add(this.put(object) ?? '')
      },
      remove: (object) => this.remove(object),
      end: () => {
        for (const [uid, entry] of this.#byUid) if (isMissing(entry)) this.#leave(uid)
      },
    }
  }

  /** Gives the uid of the pod if it is one that may be known. */
  put(object: unknown): string | undefined {
    const { keeps, excludes, onChange } = this.#options
    this.forget()
    const pod = readPod(object as PodObject, keeps)
    if (pod === undefined || excludes(pod.name)) return undefined
    const before = this.#byUid.get(pod.uid)
    if (before !== undefined) this.#releaseIps(before.pod)
    this.#gone.delete(pod.uid)
    this.#byUid.set(pod.uid, { pod, goneAt: undefined })
    this.#byName.set(`${pod.namespace}/${pod.name}`, pod.uid)
    if (!pod.ended) for (const ip of pod.ips) this.#holdersOf(ip).add(pod.uid)
    for (const { name, ids } of pod.containers) {
      for (const id of ids.values()) this.#byContainer.set(id, { pod, container: name })
    }
    onChange(before === undefined ? 'added' : 'updated', pod)
    return pod.uid
  }

  remove(object: unknown): void {
    this.forget()
    const uid = (object as KubeObject).metadata?.uid ?? ''
    if (this.#byUid.get(uid)?.goneAt === undefined) this.#leave(uid)
  }

  #leave(uid: string): void {
    const entry = this.#byUid.get(uid)
    if (entry === undefined) return
    entry.goneAt = this.#options.now()
    this.#gone.add(uid)
    this.#releaseIps(entry.pod)
    this.#options.onChange('deleted', entry.pod)
  }

  /** Drops what has been gone for longer than the grace. */
  forget(): void {
    const { now, graceMs } = this.#options
    for (const uid of this.#gone) {
      const entry = this.#byUid.get(uid)
      if (entry?.goneAt !== undefined && now() - entry.goneAt < graceMs) return
      this.#gone.delete(uid)
      if (entry !== undefined) this.#drop(entry.pod)
    }
  }

  #drop(pod: Pod): void {
    this.#byUid.delete(pod.uid)
    const name = `${pod.namespace}/${pod.name}`
    if (this.#byName.get(name) === pod.uid) this.#byName.delete(name)
    for (const [id, found] of this.#byContainer) {
      if (found.pod.uid === pod.uid) this.#byContainer.delete(id)
    }
  }

  #holdersOf(ip: string): Set<string> {
    let holders = this.#byIp.get(ip)
    if (holders === undefined) {
      holders = new Set()
      this.#byIp.set(ip, holders)
    }
    return holders
  }

  #releaseIps({ ips, uid }: Pod): void {
    for (const ip of ips) {
      const holders = this.#byIp.get(ip)
      holders?.delete(uid)
      if (holders?.size === 0) this.#byIp.delete(ip)
    }
  }

  byUid(uid: string): Found | undefined {
    const entry = this.#byUid.get(uid)
    return entry && { pod: entry.pod }
  }

  byContainer(id: string): Found | undefined {
    return this.#byContainer.get(id)
  }

  byName(namespace: string, name: string): Found | undefined {
    return this.byUid(this.#byName.get(`${namespace}/${name}`) ?? '')
  }

  byIp(ip: string): Found | 'unknown' | 'ambiguous' {
    const holders = [...(this.#byIp.get(ip) ?? [])]
    if (holders.length > 1) return 'ambiguous'
    return this.byUid(holders[0] ?? '') ?? 'unknown'
  }
}
