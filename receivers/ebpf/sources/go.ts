import type { LoadedObject } from '../../../native/load.ts'
import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { Process } from '../discovery/process.ts'
import { type Candidate, fileCandidate } from './candidates.ts'
import { usingBytes } from './file_bytes.ts'
import { buildKey } from './findings.ts'
import { goBuildId, planGo } from './go/plan.ts'
import { goCrashOf } from './harm.ts'
import { type Place, ProbedFiles, tellHost } from './probed_files.ts'
import type { Degradation, FileReading, Source, SourceHost } from './source.ts'
import { trapCostsBy } from './trap_costs.ts'

/**
 * Plaintext of Go's crypto/tls. `load` opens and loads bpf/go with the settings and shared maps of the receiver. Probes are
 * attached per executable, for all processes that will ever run it; which of them are watched the kernel decides.
 */
export class GoSource implements Source {
  readonly name = 'go'
  readonly #host: SourceHost
  readonly #load: () => LoadedObject
  #loaded: LoadedObject | undefined
  #programs: ProbedFiles<Place> | undefined
  #settled: Promise<void> = Promise.resolve()

  constructor(host: SourceHost, load: () => LoadedObject) {
    this.#host = host
    this.#load = load
  }

  start(): void {
    this.#loaded = this.#load()
    const [refused] = this.#loaded.failed
    if (refused !== undefined) throw refused.error
    const { findings } = this.#host
    const inspect = (path: string) =>
      usingBytes(path, (read) =>
        findings.of('go', buildKey(path, goBuildId(read)), () => planGo(read)),
      )
    this.#programs = new ProbedFiles(this.#loaded.object, inspect, tellHost(this.#host))
    for (const process of this.#host.processes()) this.processStarted(process)
  }

  degraded(): readonly Degradation[] {
    return []
  }

  processStarted({ tgid, exePath }: Process): void {
    if (!exePath.startsWith('/') || this.#programs === undefined) return
    const candidate = executableOf(tgid, exePath)
    if (candidate !== undefined) this.#settled = this.#programs.add(candidate)
  }

  processFailed({ exePath }: Process, exitCode: number): void {
    this.#programs?.withdraw(exePath, goCrashOf(exitCode))
  }

  processOverRate({ tgid, exePath }: Process, why: string): readonly string[] {
    const candidate = executableOf(tgid, exePath)
    return (candidate && this.#programs?.takeOut([candidate.key], why)) ?? []
  }

  trapCosts(): TrapCosts {
    return trapCostsBy(this.#loaded, 'go_close')
  }

  /** Settles when every program that was told of so far has been dealt with. */
  ready(): Promise<void> {
    return this.#settled
  }

  probed(): ReadonlyMap<string, FileReading> {
    return this.#programs?.found() ?? new Map()
  }

  stop(): void {
    this.#programs?.close()
    this.#loaded?.object.close()
    this.#programs = undefined
    this.#loaded = undefined
  }
}

/** Of a process that has ended, the file of that path, for the next one that runs it. */
function executableOf(tgid: number, exePath: string): Candidate | undefined {
  const candidate = fileCandidate(`/proc/${tgid}/exe`, exePath) ?? fileCandidate(exePath, exePath)
  return candidate && { ...candidate, tgid }
}
