import type { Resource } from '../../pipeline/data/resource.ts'
import { NO_CGROUP } from './discovery/cgroup.ts'
import { DEFAULT_SETTINGS } from './discovery/process.ts'
import type { KnownProcess } from './discovery/process_table.ts'

/** The resources of processes, each made once. */
export class Resources {
  readonly #made = new WeakMap<KnownProcess, Resource>()
  readonly #make: (known: KnownProcess) => Resource

  constructor(make: (known: KnownProcess) => Resource) {
    this.#make = make
  }

  /** Of a process that ended unknown it says no more than its id. */
  of(known: KnownProcess | undefined, tgid: number): Resource {
    if (known === undefined) return this.#make(unknownProcess(tgid))
    const made = this.#made.get(known) ?? this.#make(known)
    this.#made.set(known, made)
    return made
  }
}

/** `unknown_service` is what OpenTelemetry prescribes. */
const unknownProcess = (tgid: number): KnownProcess => ({
  process: {
    tgid,
    parent: 0,
    startedNs: 0,
    comm: 'unknown_service',
    exePath: '',
    args: [],
    env: new Map(),
    cgroup: NO_CGROUP,
  },
  decision: { selected: true, rule: '', chosenBy: '', settings: DEFAULT_SETTINGS },
  forked: false,
  pod: undefined,
})
