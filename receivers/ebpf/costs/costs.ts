import type { TrapCosts } from '../../../native/trap_cost.ts'
import type { KnownProcess, Process } from '../discovery/process.ts'
import { readCpuNs } from '../discovery/procfs.ts'
import type { Services } from '../services.ts'
import { mappedCandidates } from '../sources/candidates.ts'
import type { FileReading } from '../sources/source.ts'
import { countProbes, type ProbeCost, probeCost } from './probe_cost.ts'
import type { Hits, ProbeHits } from './probe_hits.ts'
import { ProcessBooks } from './process_books.ts'
import {
  type CpuShare,
  NO_CPU,
  NOTHING_OPEN,
  type OpenTraffic,
  type ServiceCost,
  ServiceCosts,
  type Share,
} from './service_costs.ts'

/** What `Costs` needs of the receiver. */
export interface CostsOptions {
  readonly hits: ProbeHits
  readonly services: Services
  /** Takes some 50 ms. */
  readonly trapCosts: () => TrapCosts | undefined
  readonly probed: () => ReadonlyMap<string, FileReading>
}

/** What watching costs each process, and what came of it. */
export class Costs {
  readonly books = new ProcessBooks()
  readonly #options: CostsOptions
  readonly #gone = new ServiceCosts()
  /** Of processes that hit probes, which part of those is single-stepped. */
  readonly #stepped = new Map<number, number>()
  /** Of processes that did anything, as of the last look. */
  readonly #cpu = new Map<number, CpuShare>()
  #traps: { readonly costs: TrapCosts | undefined } | undefined

  constructor(options: CostsOptions) {
    this.#options = options
  }

  /** To pass a probe, whoever does: measured when it is first asked for. */
  get traps(): TrapCosts | undefined {
    this.#traps ??= { costs: this.#options.trapCosts() }
    return this.#traps.costs
  }

  /** Undefined for a process that has hit no probe. */
  ofProbes({ process: { tgid, exePath } }: KnownProcess): ProbeCost | undefined {
    const hits = this.#options.hits.of(tgid)
    return hits && probeCost(hits, this.#steppedOf(hits, exePath), this.traps)
  }

  /** What the process has used since weir knows it, and how much of that were probes. */
  cpuOf(known: KnownProcess): CpuShare {
    return this.#lookAtCpu(known.process, this.ofProbes(known)?.cpuNs ?? 0)
  }

  /** A process has ended: what it did stays with its service. */
  leave(known: KnownProcess): void {
    const { tgid } = known.process
    const share = this.#shareOf(known)
    if (share !== undefined) this.#gone.add({ ...share, cpu: this.#cpu.get(tgid) ?? NO_CPU })
    this.#cpu.delete(tgid)
    this.books.close(tgid)
    this.#options.hits.forget(tgid)
    this.#stepped.delete(tgid)
  }

  /** Of all services, with those of these processes that did anything. `open`: what those have moved on connections that are open. */
  byService(
    processes: Iterable<KnownProcess>,
    open: ReadonlyMap<number, OpenTraffic> = new Map(),
  ): readonly ServiceCost[] {
    const sums = new ServiceCosts(this.#gone.list())
    for (const known of processes) {
      const share = this.#shareOf(known, open.get(known.process.tgid))
      if (share === undefined) continue
      sums.add({ ...share, cpu: this.#lookAtCpu(known.process, share.probesNs) })
    }
    return sums.list()
  }

  #shareOf(known: KnownProcess, open = NOTHING_OPEN): Omit<Share, 'cpu'> | undefined {
    const { tgid } = known.process
    const book = this.books.of(tgid)
    const probes = this.ofProbes(known)
    const didNothing = book === undefined && probes === undefined && open.bytes === 0
    if (didNothing || !known.decision.selected) return undefined
    const service = this.#options.services.of(known).identity.name
    return { service, book, open, hits: probes?.hits ?? 0, probesNs: probes?.cpuNs ?? 0 }
  }

  /** What has ended used what was seen last. */
  #lookAtCpu({ tgid, cpuBeforeNs }: Process, probesNs: number): CpuShare {
    const now = readCpuNs(tgid)
    if (now === undefined) return this.#cpu.get(tgid) ?? NO_CPU
    const cpu = { allNs: now - cpuBeforeNs, probesNs }
    this.#cpu.set(tgid, cpu)
    return cpu
  }

  #steppedOf({ tgid }: Hits, exePath: string): number {
    const known = this.#stepped.get(tgid)
    if (known !== undefined) return known
    const probed = this.#options.probed()
    const files = (mappedCandidates(tgid, exePath) ?? []).flatMap(
      ({ key }) => probed.get(key) ?? [],
    )
    const { probes, stepped } = countProbes(files)
    if (probes === 0) return 0
    this.#stepped.set(tgid, stepped / probes)
    return stepped / probes
  }
}
