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

/** Namespaces or nodes, by name. */
export class Named implements Sink {
  readonly #byName = new Map<string, Kept>()
  #listed = new Set<string>()

  begin(): void {
    this.#listed = new Set()
  }

  end(): void {
    for (const name of this.#byName.keys()) if (!this.#listed.has(name)) this.#byName.delete(name)
  }

  put(object: unknown): void {
    const { name = '' }: ObjectMeta = (object as KubeObject).metadata ?? {}
    this.#listed.add(name)
    this.#byName.set(name, keptOf(object as KubeObject))
  }

  remove(object: unknown): void {
    this.#byName.delete((object as KubeObject).metadata?.name ?? '')
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

/** Single objects, asked for by their path when a pod of theirs shows up: a watch would bring those of the whole cluster. */
export class Lookups {
  readonly #client: KubeClient
  readonly #periodMs: number
  readonly #now: () => number
  readonly #failed: (error: KubeError) => void
  readonly #asked = new Map<string, Asked>()
  readonly #abort = new AbortController()

  constructor(
    client: KubeClient,
    periodMs: number,
    now: () => number,
    failed: (error: KubeError) => void,
  ) {
    this.#client = client
    this.#periodMs = periodMs
    this.#now = now
    this.#failed = failed
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
      asked.kept = keptOf((await this.#client.get(path, this.#abort.signal)) as KubeObject)
    } catch (cause) {
      if (this.#abort.signal.aborted) return
      this.#failed(cause instanceof KubeError ? cause : new KubeError(0, String(cause), { cause }))
    }
  }
}
