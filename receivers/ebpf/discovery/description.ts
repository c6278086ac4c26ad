import { type ContainerNames, Containers } from './container_names.ts'
import { type Executable, Executables } from './executable.ts'
import type { Process } from './process.ts'
import { type Runtime, runtimeOf } from './runtime.ts'

/** What the files of a process tell of it. */
export interface Description {
  readonly executable: Executable
  readonly runtime: Runtime
  readonly container: ContainerNames
}

/** Describes processes, each when somebody first asks. */
export class Descriptions {
  readonly #executables = new Executables()
  readonly #containers: Containers
  readonly #known = new WeakMap<Process, Description>()

  constructor(containers = new Containers()) {
    this.#containers = containers
  }

  of(process: Process): Description {
    const known = this.#known.get(process)
    if (known !== undefined) return known
    const executable = this.#executables.read(`/proc/${process.tgid}/exe`)
    const description = {
      executable,
      runtime: runtimeOf(process, executable),
      container: this.#containers.names(process.cgroup.containerId),
    }
    this.#known.set(process, description)
    return description
  }
}
