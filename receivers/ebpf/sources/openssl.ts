import type { LoadedObject } from '../../../native/load.ts'
import type { Process } from '../discovery/process.ts'
import { readExePath } from '../discovery/procfs.ts'
import { installedCandidates, mappedCandidates, neighbourCandidates } from './candidates.ts'
import { crashOf } from './harm.ts'
import { opensslInspector } from './openssl/inspect.ts'
import type { Probe } from './openssl/probes.ts'
import { type ProbedFile, ProbedFiles, tellHost } from './probed_files.ts'
import type { Degradation, Mapping, Source, SourceHost } from './source.ts'
import { trapCostsBy } from './trap_costs.ts'

const PROGRAMS_MAX = 4096

/** The source, and what tests and `weir doctor` ask of it. */
export interface OpensslSource extends Source {
  /** Settles when every file that was told of so far has been dealt with. Never rejects. */
  ready(): Promise<void>
  /** Files with OpenSSL in them, and where they are probed. */
  libraries(): ProbedFile<Probe>[]
}

/**
 * Plaintext of libssl 1.1 and 3.x, and of executables that carry it. `load` opens and loads bpf/openssl with the settings
 * and shared maps of the receiver. Probes are attached per file, for all processes that will ever map it; which of
 * them are watched the kernel decides.
 */
export function createOpensslSource(host: SourceHost, load: () => LoadedObject): OpensslSource {
  const degraded: Degradation[] = []
  const waiting = new Map<number, Mapping[]>()
  const programs = new Set<string>() // executables whose neighbours are known
  let loaded: LoadedObject | undefined
  let libraries: ProbedFiles<Probe> | undefined
  let settled: Promise<void> = Promise.resolve()

  /** False when the process has ended. */
  const add = (tgid: number, exePath = readExePath(tgid)): boolean => {
    const candidates = exePath === '' ? undefined : mappedCandidates(tgid, exePath)
    for (const candidate of candidates ?? []) {
      if (libraries !== undefined) settled = libraries.add(candidate)
    }
    return candidates !== undefined
  }

  const addNeighbours = (exePath: string): void => {
    if (!exePath.startsWith('/') || programs.has(exePath) || libraries === undefined) return
    if (programs.size >= PROGRAMS_MAX) programs.clear()
    programs.add(exePath)
    for (const candidate of neighbourCandidates(exePath)) settled = libraries.add(candidate)
  }

  const addWaiting = (): void => {
    for (const [tgid, mappings] of waiting) {
      if (add(tgid)) continue
      for (const mapping of mappings) host.forgetFile(mapping)
      if (mappings.length > 0) host.endedUnread(tgid)
    }
    waiting.clear()
  }

  // One look at a process serves all that it has mapped by then.
  const addSoon = (tgid: number, mapping?: Mapping): void => {
    if (waiting.size === 0) setImmediate(addWaiting)
    const mappings = waiting.get(tgid) ?? []
    waiting.set(tgid, mapping === undefined ? mappings : [...mappings, mapping])
  }

  return {
    name: 'openssl',
    start() {
      loaded = load()
      if (!showsBytes(loaded)) throw loaded.failed[0]?.error
      for (const { program, error } of loaded.failed) {
        degraded.push({
          feature: `plaintext of OpenSSL (program ${program})`,
          cause: error.message,
          fix: error.hint ?? 'report a bug with the output of `weir doctor`',
        })
      }
      const inspect = opensslInspector(loaded.object.map('read_points'), host.findings)
      libraries = new ProbedFiles(loaded.object, inspect, tellHost(host))
      for (const candidate of installedCandidates()) settled = libraries.add(candidate)
      for (const { tgid, exePath } of host.processes()) add(tgid, exePath)
    },
    degraded: () => degraded,
    processStarted({ tgid, exePath }: Process) {
      addNeighbours(exePath)
      addSoon(tgid)
    },
    processFailed: ({ exePath }, exitCode) => libraries?.withdraw(exePath, crashOf(exitCode)),
    processOverRate({ tgid, exePath }, why) {
      const keys = (mappedCandidates(tgid, exePath) ?? []).map(({ key }) => key)
      return libraries?.takeOut(keys, why) ?? []
    },
    trapCosts: () => trapCostsBy(loaded, 'ssl_free'),
    fileMapped: (mapping: Mapping) => addSoon(mapping.tgid, mapping),
    ready: async () => {
      await new Promise<void>((done) => setImmediate(done))
      await settled
    },
    probed: () => libraries?.found() ?? new Map(),
    libraries: () => [...(libraries?.attached() ?? [])],
    stop() {
      libraries?.close()
      loaded?.object.close()
      libraries = undefined
      loaded = undefined
    },
  }
}

/** Programs that see calls: the others tell when a connection is over, and nothing without these. */
const CALLS = /^ssl_(read|write|result|return)/

function showsBytes({ object, failed }: LoadedObject): boolean {
  const refused = new Set(failed.map(({ program }) => program))
  return object.programs().some(({ name }) => CALLS.test(name) && !refused.has(name))
}
