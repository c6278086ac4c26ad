import { setImmediate } from 'node:timers/promises'
import { ALL_REASONS } from '../counters.ts'
import type { KnownProcess } from '../discovery/process.ts'
import type { ProcessTable } from '../discovery/process_table.ts'
import type { Service, Services } from '../services.ts'
import type { LiveFacts } from './live_facts.ts'
import { processReport } from './process_report.ts'
import type { Explanation, ProcessReport, ReasonReport, TrafficReport } from './report.ts'
import { sumOf } from './traffic.ts'

/** Tells of processes what was decided about them, and why. */
export class Explainer {
  readonly #version: string
  readonly #processes: ProcessTable
  readonly #services: Services

  constructor(version: string, processes: ProcessTable, services: Services) {
    this.#version = version
    this.#processes = processes
    this.#services = services
  }

  /** `word` is a process id, a port, a name, or `all`. Between two processes others have their turn. */
  async explain(word: string, live: LiveFacts | undefined): Promise<Explanation> {
    const processes: ProcessReport[] = []
    for (const known of this.#chosen(word)) {
      const report = this.#report(known, live)
      if (matchesReport(word, report)) processes.push(report)
      await setImmediate()
    }
    return { version: this.#version, agent: live?.agent, processes }
  }

  /** In the order of their ids; by id without looking at others. Kernel threads are no programs. */
  #chosen(word: string): readonly KnownProcess[] {
    const all = [...this.#processes]
      .filter(({ process }) => process.exePath !== '')
      .sort((a, b) => a.process.tgid - b.process.tgid)
    const own = all.filter(({ process }) => String(process.tgid) === word)
    return own.length > 0 ? own : all
  }

  #report(known: KnownProcess, live: LiveFacts | undefined): ProcessReport {
    const service = this.#services.of(known)
    return processReport(known, service, live?.tls, live && trafficOf(known, service, live))
  }
}

function trafficOf(known: KnownProcess, { routes }: Service, live: LiveFacts): TrafficReport {
  const { tgid } = known.process
  const book = live.costs.books.of(tgid)
  const connections = live.connections.get(tgid) ?? []
  const ended = { bytes: book?.bytes ?? 0, bytesInSpans: book?.bytesInSpans ?? 0 }
  const open = sumOf(connections)
  const moved = {
    bytes: open.bytes + ended.bytes,
    bytesInSpans: open.bytesInSpans + ended.bytesInSpans,
  }
  return {
    spans: book?.spans ?? 0,
    connections,
    ended,
    moved,
    coverage: moved.bytes === 0 ? undefined : moved.bytesInSpans / moved.bytes,
    reasons: reasonsOf(book?.reasons ?? new Map()),
    probes: live.costs.ofProbes(known),
    cpu: live.costs.cpuOf(known),
    routes: routes.learned.names,
    collapsed: routes.learned.collapsed,
  }
}

/** The worst first. */
export function reasonsOf(
  reasons: Iterable<readonly [name: string, times: number]>,
): readonly ReasonReport[] {
  const kinds = ['lost', 'skipped', 'note']
  return [...reasons]
    .map(([name, times]) => {
      const { number = 0, kind = 'note' } = ALL_REASONS[name] ?? {}
      return { name, number, kind, times }
    })
    .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || b.times - a.times)
}

/** A number is a process id, else a port: `8080` or `:8080`. A text is in the name of the service or of the executable. */
function matchesReport(word: string, report: ProcessReport): boolean {
  if (word === 'all' || word === String(report.pid)) return true
  const port = /^:?(\d+)$/.exec(word)?.[1]
  if (port !== undefined) return report.ports.includes(Number(port))
  const text = word.toLowerCase()
  return [report.service.name, report.executable].some((one) => one.toLowerCase().includes(text))
}
