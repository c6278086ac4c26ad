import { setImmediate } from 'node:timers/promises'
import type { KnownProcess, ProcessTable } from '../discovery/process_table.ts'
import type { Services } from '../services.ts'
import { processReport } from './process_report.ts'
import type {
  AgentReport,
  ConnectionReport,
  Explanation,
  ProcessReport,
  TrafficReport,
} from './report.ts'
import type { Probed } from './tls.ts'

/** What a running agent knows beyond the processes themselves. */
export interface LiveFacts {
  readonly agent: AgentReport
  readonly probed: Probed
  readonly connections: ReadonlyMap<number, readonly ConnectionReport[]>
}

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

  /** By id without looking at others. Kernel threads are no programs. */
  #chosen(word: string): readonly KnownProcess[] {
    const all = [...this.#processes].filter(({ process }) => process.exePath !== '')
    const own = all.filter(({ process }) => String(process.tgid) === word)
    return own.length > 0 ? own : all
  }

  #report(known: KnownProcess, live: LiveFacts | undefined): ProcessReport {
    const service = this.#services.of(known)
    const traffic: TrafficReport | undefined = live && {
      spans: service.spans,
      connections: live.connections.get(known.process.tgid) ?? [],
      routes: service.routes.learned.names,
      collapsed: service.routes.learned.collapsed,
    }
    return processReport(known, service, live?.probed, traffic)
  }
}

/** A number is a process id, else a port: `8080` or `:8080`. A text is in the name of the service or of the executable. */
function matchesReport(word: string, report: ProcessReport): boolean {
  if (word === 'all' || word === String(report.pid)) return true
  const port = /^:?(\d+)$/.exec(word)?.[1]
  if (port !== undefined) return report.ports.includes(Number(port))
  const text = word.toLowerCase()
  return [report.service.name, report.executable].some((one) => one.toLowerCase().includes(text))
}
