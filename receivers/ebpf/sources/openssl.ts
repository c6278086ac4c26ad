import type { FailedProgram, LoadedObject } from '../../../native/load.ts'
import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { Process } from '../discovery/process.ts'
import { readExePath } from '../discovery/procfs.ts'
import {
  type Candidate,
  installedCandidates,
  mappedCandidates,
  neighbourCandidates,
} from './candidates.ts'
import { crashOf } from './harm.ts'
import { opensslInspector } from './openssl/inspect.ts'
import type { Probe } from './openssl/probes.ts'
import { type ProbedFile, ProbedFiles, tellHost } from './probed_files.ts'
import type { Degradation, FileReading, Mapping, Source, SourceHost } from './source.ts'
import { trapCostsBy } from './trap_costs.ts'

const PROGRAMS_MAX = 4096

/**
 * Plaintext of libssl 1.1 and 3.x, and of executables that carry it. `load` opens and loads bpf/openssl with the settings
 * and shared maps of the receiver. Probes are attached per file, for all processes that will ever map it; which of
 * them are watched the kernel decides.
 */
export class OpensslSource implements Source {
  readonly name = 'openssl'
  readonly #host: SourceHost
  readonly #load: () => LoadedObject
  readonly #degraded: Degradation[] = []
  /** Processes to be looked at soon, and what is known that they have mapped. */
  readonly #waiting = new Map<number, Mapping[]>()
  /** Executables whose neighbours are known. */
  readonly #programs = new Set<string>()
  #loaded: LoadedObject | undefined
  #libraries: ProbedFiles<Probe> | undefined
  #settled: Promise<void> = Promise.resolve()

  constructor(host: SourceHost, load: () => LoadedObject) {
    this.#host = host
    this.#load = load
  }

  start(): void {
    const loaded = this.#load()
    this.#loaded = loaded
    if (!showsBytes(loaded)) throw loaded.failed[0]?.error
    this.#degraded.push(...loaded.failed.map(degradationOf))
    const inspect = opensslInspector(loaded.object.map('read_points'), this.#host.findings)
    this.#libraries = new ProbedFiles(loaded.object, inspect, tellHost(this.#host))
    this.#addAll(installedCandidates())
    for (const { tgid, exePath } of this.#host.processes()) this.#addMapped(tgid, exePath)
  }

  degraded(): readonly Degradation[] {
    return this.#degraded
  }

  processStarted({ tgid, exePath }: Process): void {
    this.#addNeighbours(exePath)
    this.#addSoon(tgid)
  }

  processFailed({ exePath }: Process, exitCode: number): void {
    this.#libraries?.withdraw(exePath, crashOf(exitCode))
  }

  processOverRate({ tgid, exePath }: Process, why: string): readonly string[] {
    const keys = (mappedCandidates(tgid, exePath) ?? []).map(({ key }) => key)
    return this.#libraries?.takeOut(keys, why) ?? []
  }

  trapCosts(): TrapCosts {
    return trapCostsBy(this.#loaded, 'ssl_free')
  }

  fileMapped(mapping: Mapping): void {
    this.#addSoon(mapping.tgid, mapping)
  }

  /** Settles when every file that was told of so far has been dealt with. */
  async ready(): Promise<void> {
    await new Promise<void>((done) => setImmediate(done))
    await this.#settled
  }

  probed(): ReadonlyMap<string, FileReading> {
    return this.#libraries?.found() ?? new Map()
  }

  /** Files with OpenSSL in them, and where they are probed. */
  libraries(): ProbedFile<Probe>[] {
    return [...(this.#libraries?.attached() ?? [])]
  }

  stop(): void {
    this.#libraries?.close()
    this.#loaded?.object.close()
    this.#libraries = undefined
    this.#loaded = undefined
  }

  #addAll(candidates: Iterable<Candidate>): void {
    for (const candidate of candidates) {
      if (this.#libraries !== undefined) this.#settled = this.#libraries.add(candidate)
    }
  }

  /** False when the process has ended. */
  #addMapped(tgid: number, exePath = readExePath(tgid)): boolean {
    const candidates = exePath === '' ? undefined : mappedCandidates(tgid, exePath)
    this.#addAll(candidates ?? [])
    return candidates !== undefined
  }

  #addNeighbours(exePath: string): void {
    if (!exePath.startsWith('/') || this.#programs.has(exePath)) return
    if (this.#libraries === undefined) return
    if (this.#programs.size >= PROGRAMS_MAX) this.#programs.clear()
    this.#programs.add(exePath)
    this.#addAll(neighbourCandidates(exePath))
  }

  /** One look at a process serves all that it has mapped by then. */
  #addSoon(tgid: number, mapping?: Mapping): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#addWaiting())
    const mappings = this.#waiting.get(tgid) ?? []
    this.#waiting.set(tgid, mapping === undefined ? mappings : [...mappings, mapping])
  }

  #addWaiting(): void {
    for (const [tgid, mappings] of this.#waiting) {
      if (this.#addMapped(tgid)) continue
      for (const mapping of mappings) this.#host.forgetFile(mapping)
      if (mappings.length > 0) this.#host.endedUnread(tgid)
    }
    this.#waiting.clear()
  }
}

const degradationOf = ({ program, error }: FailedProgram): Degradation => ({
  feature: `plaintext of OpenSSL (program ${program})`,
  cause: error.message,
  fix: error.hint ?? 'report a bug with the output of `weir doctor`',
})

/** Programs that see calls: the others tell when a connection is over, and nothing without these. */
const CALLS = /^ssl_(read|write|result|return)/

function showsBytes({ object, failed }: LoadedObject): boolean {
  const refused = new Set(failed.map(({ program }) => program))
  return object.programs().some(({ name }) => CALLS.test(name) && !refused.has(name))
}
