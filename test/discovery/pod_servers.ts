import { startNginxBy } from '../truth/nginx.ts'
import type { Server } from '../truth/programs.ts'
import { type PodContainer, podCgroup } from './pod_cgroup.ts'

/** Each an nginx in a container of a pod. */
export class PodServers {
  readonly all: Server[] = []
  readonly #folder: string
  readonly #groups: ReturnType<typeof podCgroup>[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  async serve(container: PodContainer): Promise<Server> {
    const group = podCgroup(container)
    const server = await startNginxBy(group.launcher)(this.#folder)
    this.#groups.push(group)
    this.all.push(server)
    return server
  }

  async stop(): Promise<void> {
    for (const server of this.all) await server.stop()
    for (const group of this.#groups) await group.remove()
  }
}
