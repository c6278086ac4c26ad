import type { Resource } from '../../pipeline/data/resource.ts'
import type { KnownProcess } from './discovery/process_table.ts'

/** The resources of processes, each made once. */
export class Resources {
  readonly #made = new WeakMap<KnownProcess, Resource>()
  readonly #make: (known: KnownProcess) => Resource

  constructor(make: (known: KnownProcess) => Resource) {
    this.#make = make
  }

  of(known: KnownProcess): Resource {
    const made = this.#made.get(known) ?? this.#make(known)
    this.#made.set(known, made)
    return made
  }
}
