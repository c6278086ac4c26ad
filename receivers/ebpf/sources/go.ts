import type { LoadedObject } from '../../../native/load.ts'
import { type Candidate, fileCandidate } from './candidates.ts'
import { usingBytes } from './file_bytes.ts'
import { buildKey } from './findings.ts'
import { goBuildId, planGo } from './go/plan.ts'
import { goCrashOf } from './harm.ts'
import { type Place, type ProbedFile, ProbedFiles, tellHost } from './probed_files.ts'
import type { Source, SourceHost } from './source.ts'
import { trapCostsBy } from './trap_costs.ts'

/** The source, and what tests ask of it. */
export interface GoSource extends Source {
  /** Settles when every program that was told of so far has been dealt with. Never rejects. */
  ready(): Promise<void>
  /** Programs with crypto/tls in them, and where they are probed. */
  programs(): ProbedFile<Place>[]
}

/**
 * Plaintext of Go's crypto/tls. `load` opens and loads bpf/go with the settings and shared maps of the receiver. Probes are
 * attached per executable, for all processes that will ever run it; which of them are watched the kernel decides.
 */
export function createGoSource(host: SourceHost, load: () => LoadedObject): GoSource {
  let loaded: LoadedObject | undefined
  let programs: ProbedFiles<Place> | undefined
  let settled: Promise<void> = Promise.resolve()

  const add = (tgid: number, exePath: string): void => {
    if (!exePath.startsWith('/') || programs === undefined) return
    const candidate = executableOf(tgid, exePath)
    if (candidate !== undefined) settled = programs.add(candidate)
  }

  return {
    name: 'go',
    start() {
      loaded = load()
      const [refused] = loaded.failed
      if (refused !== undefined) throw refused.error
      const inspect = (path: string) =>
        usingBytes(path, (read) =>
          host.findings.of('go', buildKey(path, goBuildId(read)), () => planGo(read)),
        )
      programs = new ProbedFiles(loaded.object, inspect, tellHost(host))
      for (const { tgid, exePath } of host.processes()) add(tgid, exePath)
    },
    degraded: () => [],
    processStarted: ({ tgid, exePath }) => add(tgid, exePath),
    processFailed: ({ exePath }, exitCode) => programs?.withdraw(exePath, goCrashOf(exitCode)),
    processOverRate({ tgid, exePath }, why) {
      const candidate = executableOf(tgid, exePath)
      return (candidate && programs?.takeOut([candidate.key], why)) ?? []
    },
    trapCosts: () => trapCostsBy(loaded, 'go_close'),
    ready: () => settled,
    probed: () => programs?.found() ?? new Map(),
    programs: () => [...(programs?.attached() ?? [])],
    stop() {
      programs?.close()
      loaded?.object.close()
      programs = undefined
      loaded = undefined
    },
  }
}

/** Of a process that has ended, the file of that path, for the next one that runs it. */
function executableOf(tgid: number, exePath: string): Candidate | undefined {
  const candidate = fileCandidate(`/proc/${tgid}/exe`, exePath) ?? fileCandidate(exePath, exePath)
  return candidate && { ...candidate, tgid }
}
