import type { Pod } from '../../../pipeline/k8s/pod.ts'
import type { Cgroup } from '../discovery/cgroup.ts'

/** True for what is in one of some pods. */
export type IsOf = (cgroup: Cgroup) => boolean

/**
 * Tells of pods that came or changed in what decides about processes: most updates are of a pod's state. Changes come in crowds, so what came together is
 * told together.
 */
export class ChangedPods {
  readonly #tell: (isOf: IsOf) => void
  /** By uid: all that may decide, as text. */
  readonly #known = new Map<string, string>()
  #changed: Pod[] = []
  #soon: NodeJS.Immediate | undefined

  constructor(tell: (isOf: IsOf) => void) {
    this.#tell = tell
  }

  put(pod: Pod): void {
    const text = textOf(pod)
    if (this.#known.get(pod.uid) === text) return
    this.#known.set(pod.uid, text)
    this.#changed.push(pod)
    this.#soon ??= setImmediate(() => this.#now())
  }

  gone({ uid }: Pod): void {
    this.#known.delete(uid)
  }

  stop(): void {
    clearImmediate(this.#soon)
  }

  #now(): void {
    this.#soon = undefined
    const pods = this.#changed
    this.#changed = []
    const uids = new Set(pods.map(({ uid }) => uid))
    const ids = pods.flatMap(({ containers }) => containers.flatMap((one) => [...one.ids.values()]))
    const containers = new Set(ids)
    this.#tell(({ podUid, containerId }) => uids.has(podUid) || containers.has(containerId))
  }
}

const textOf = ({ name, namespace, owner, labels, annotations, containers }: Pod): string =>
  JSON.stringify([
    ...[name, namespace, owner, labels, annotations],
    ...containers.map((one) => [one.name, ...one.ids.values()]),
  ])
