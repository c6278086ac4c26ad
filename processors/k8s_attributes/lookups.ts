import { type KubeClient, KubeError } from '../../pipeline/k8s/client.ts'
import type { KubeObject, ObjectMeta, Owner, Texts } from '../../pipeline/k8s/objects.ts'
import { controllerOf } from '../../pipeline/k8s/pod.ts'
import type { Sink } from '../../pipeline/k8s/watcher.ts'

/** What is kept of an object that is no pod. */
export interface Kept {
  readonly uid: string
  readonly labels: Texts
  readonly annotations: Texts
  readonly owner: Owner | undefined
}

function keptOf(object: KubeObject): Kept {
  const { uid = '', labels = {}, annotations = {} } = object.metadata ?? {}
  return { uid, labels, annotations, owner: controllerOf(object) }
}

export type Change = 'added' | 'updated' | 'deleted'

/** Namespaces or nodes, by name. */
export class Named implements Sink {
  readonly #byName = new Map<string, Kept>()
  readonly #changed: (change: Change) => void
  #listed = new Set<string>()

  /** `changed` hears of each that came, changed or went. */
  constructor(changed: (change: Change) => void) {
    this.#changed = changed
  }

  begin(): void {
    this.#listed = new Set()
  }

  end(): void {
    for (const name of this.#byName.keys()) if (!this.#listed.has(name)) this.#delete(name)
  }

  put(object: unknown): void {
    const { name = '' }: ObjectMeta = (object as KubeObject).metadata ?? {}
    this.#listed.add(name)
    this.#changed(this.#byName.has(name) ? 'updated' : 'added')
    this.#byName.set(name, keptOf(object as KubeObject))
  }

  remove(object: unknown): void {
    this.#delete((object as KubeObject).metadata?.name ?? '')
  }

  #delete(name: string): void {
    if (this.#byName.delete(name)) this.#changed('deleted')
  }

  get(name: string): Kept | undefined {
    return this.#byName.get(name)
  }
}

interface Asked {
  kept: Kept | undefined
  at: number
}

const MAX_OBJECTS = 10_000
const NOT_FOUND = 404

/** Who hears of lookups. */
export interface LookupHearer {
  failed(error: KubeError): void
  /** Of the object at a path: `added` when it is known at last, `updated` each time that it was asked for anew. */
  changed(path: string, change: Change): void
}

/** Single objects, asked for by their path when a pod of theirs shows up: a watch would bring those of the whole cluster. */
export class Lookups {
  readonly #client: KubeClient
  readonly #periodMs: number
  readonly #now: () => number
  readonly #hearer: LookupHearer
  readonly #asked = new Map<string, Asked>()
  readonly #abort = new AbortController()

  constructor(client: KubeClient, periodMs: number, now: () => number, hearer: LookupHearer) {
    this.#client = client
    this.#periodMs = periodMs
    this.#now = now
    this.#hearer = hearer
  }

  stop(): void {
    this.#abort.abort()
  }

  /** What is known of it now; asks for it if that is nothing, or old. */
  get(path: string): Kept | undefined {
    const asked = this.#asked.get(path)
    if (asked === undefined || this.#now() - asked.at > this.#periodMs) void this.#ask(path, asked)
    return this.#asked.get(path)?.kept
  }

  async #ask(path: string, before: Asked | undefined): Promise<void> {
    const asked: Asked = { kept: before?.kept, at: this.#now() }
    if (this.#asked.size >= MAX_OBJECTS) this.#asked.clear()
    this.#asked.set(path, asked)
    try {
      const kept = keptOf((await this.#client.get(path, this.#abort.signal)) as KubeObject)
      this.#hearer.changed(path, asked.kept === undefined ? 'added' : 'updated')
      asked.kept = kept
    } catch (cause) {
      if (this.#abort.signal.aborted) return
      const error = cause instanceof KubeError ? cause : new KubeError(0, String(cause), { cause })
      if (error.status === NOT_FOUND && asked.kept !== undefined) {
        asked.kept = undefined
        this.#hearer.changed(path, 'deleted')
      }
      this.#hearer.failed(error)
    }
  }
}
