import type { Cgroup } from './cgroup.ts'
import type { PodFacts } from './pod_facts.ts'
import type { Process } from './process.ts'

/** Who knows pods. */
export interface PodFinder {
  find(cgroup: Cgroup): PodFacts | undefined
  /** How long to wait for a pod that is not known; 0 while nobody is asked. */
  readonly waitNs: number
}

/** For which nobody waits again for a pod that did not come. */
const MISSED_NS = 60e9
const MISSED_MAX = 10_000

/** Processes whose pod decides about them, and is not known yet. */
export class AwaitedPods {
  readonly #finder: PodFinder
  /** Until when each waits. */
  readonly #waiting = new Map<number, number>()
  /** Pods that did not come in time, and since when. */
  readonly #missed = new Map<string, number>()

  constructor(finder: PodFinder) {
    this.#finder = finder
  }

  has(tgid: number): boolean {
    return this.#waiting.has(tgid)
  }

  /** `awaited` while it may still come. */
  podOf({ cgroup }: Process, nowNs: number): PodFacts | 'awaited' | undefined {
    if (cgroup.podUid === '' && cgroup.containerId === '') return undefined
    const found = this.#finder.find(cgroup)
    if (found !== undefined) return found
    const missed = this.#missed.get(cgroup.podUid)
    const waits = missed === undefined || nowNs - missed > MISSED_NS
    return cgroup.podUid !== '' && waits && this.#finder.waitNs > 0 ? 'awaited' : undefined
  }

  /** True if it has not waited before. */
  add(tgid: number, nowNs: number): boolean {
    if (this.#waiting.has(tgid)) return false
    this.#waiting.set(tgid, nowNs + this.#finder.waitNs)
    return true
  }

  delete(tgid: number): void {
    this.#waiting.delete(tgid)
  }

  /** Those that have waited long enough, and wait no more. */
  due(nowNs: number): readonly number[] {
    if (this.#waiting.size === 0) return NONE
    const due = [...this.#waiting].filter(([, until]) => until <= nowNs).map(([tgid]) => tgid)
    for (const tgid of due) this.#waiting.delete(tgid)
    return due
  }

  /** It did not come. */
  missed({ cgroup: { podUid } }: Process, nowNs: number): void {
    if (podUid === '') return
    if (this.#missed.size >= MISSED_MAX) this.#missed.clear()
    this.#missed.set(podUid, nowNs)
  }
}

const NONE: readonly number[] = []

/** Where nobody asks Kubernetes. */
export const NO_PODS: PodFinder = { find: () => undefined, waitNs: 0 }
