import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { K8sApi } from '../support/k8s_api.ts'
import { withKubeConfig } from '../support/kube_config.ts'
import { PODS } from '../support/pod_objects.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import type { Server } from '../truth/programs.ts'
import { type ReceivedSpan, type Sink, startSink } from '../truth/sink.ts'
import type { PodContainer } from './pod_cgroup.ts'
import { PodServers } from './pod_servers.ts'

const WAIT_MS = 20_000

/** An API server of Kubernetes, programs in pods that it tells of, and an agent that asks it. */
export class PodScene {
  readonly api = new K8sApi()
  readonly folder = mkdtempSync(join(tmpdir(), 'weir-pods-'))
  readonly servers = new PodServers(this.folder)
  #sink: Sink | undefined
  #agent: Agent | undefined

  constructor() {
    this.api.create(PODS)
  }

  /** A program of this container runs before the agent does, whose configuration is made with where spans go. */
  async open(
    container: PodContainer,
    config: (endpoint: string, server: Server) => string,
  ): Promise<void> {
    await this.api.listen()
    this.#sink = await startSink()
    const server = await this.servers.serve(container)
    const text = config(this.#sink.endpoint, server)
    this.#agent = await withKubeConfig(this.api.url, () => startWeir(text))
  }

  get spans(): readonly ReceivedSpan[] {
    return this.#sink?.spans ?? []
  }

  /** The first such span, which may still come. */
  async span(isMeant: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan | undefined> {
    await this.#sink?.settled((spans) => spans.some(isMeant), WAIT_MS)
    return this.spans.find(isMeant)
  }

  async close(): Promise<void> {
    await this.#agent?.stop()
    await this.servers.stop()
    await this.#sink?.close()
    await this.api.close()
    rmSync(this.folder, { recursive: true })
  }
}

export const ask = (server: Server | undefined, path: string): Promise<unknown> =>
  fetch(`${server?.base}${path}`).then((response) => response.arrayBuffer())
