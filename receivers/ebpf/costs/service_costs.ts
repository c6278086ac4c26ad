import type { Book } from './process_books.ts'

/** What the processes of one service have moved, lost and paid: those that run, and those that have ended. */
export interface ServiceCost {
  readonly service: string
  readonly spans: number
  readonly bytes: number
  readonly bytesInSpans: number
  /** On connections whose TLS no library shows, ended ones and those that are open now. */
  readonly bytesUnread: number
  readonly hits: number
  /** Nanoseconds of CPU. */
  readonly probesNs: number
  readonly cpu: CpuShare
  readonly reasons: Readonly<Record<string, number>>
}

/** As of the last look at the CPU time of each process: what ended before the first is in neither. Nanoseconds. */
export interface CpuShare {
  /** All that the processes have used since weir knows them, probes included. */
  readonly allNs: number
  /** Probes alone. */
  readonly probesNs: number
}

export const NO_CPU: CpuShare = { allNs: 0, probesNs: 0 }

/** What an agent tells of costs. */
export interface ToldCosts {
  /** `seen N / exported N / lost N ...`, of all services together. */
  readonly books: string
  readonly services: readonly ServiceCost[]
}

/** Before anything runs, or when no agent answers. */
export const NOTHING_TOLD: ToldCosts = { books: '', services: [] }

/** Moved so far, both ways, on connections that are open. */
export interface OpenTraffic {
  readonly bytes: number
  /** On those that gave spans. */
  readonly bytesInSpans: number
  /** On those whose TLS no library shows. */
  readonly bytesUnread: number
}

export const NOTHING_OPEN: OpenTraffic = { bytes: 0, bytesInSpans: 0, bytesUnread: 0 }

/** What one process adds to its service. */
export interface Share {
  readonly service: string
  readonly book: Book | undefined
  readonly open: OpenTraffic
  readonly hits: number
  readonly probesNs: number
  readonly cpu: CpuShare
}

const SERVICES_MAX = 1000
const OTHERS = '(others)'

/** Sums shares by service. Of too many services the last ones are one. */
export class ServiceCosts {
  readonly #services: Map<string, ServiceCost>

  constructor(services: Iterable<ServiceCost> = []) {
    this.#services = new Map([...services].map((one) => [one.service, one]))
  }

  add({ service, book, open, hits, probesNs, cpu }: Share): void {
    const full = this.#services.size >= SERVICES_MAX && !this.#services.has(service)
    const name = full ? OTHERS : service
    const before = this.#services.get(name)
    this.#services.set(name, {
      service: name,
      spans: (before?.spans ?? 0) + (book?.spans ?? 0),
      bytes: (before?.bytes ?? 0) + (book?.bytes ?? 0) + open.bytes,
      bytesInSpans: (before?.bytesInSpans ?? 0) + (book?.bytesInSpans ?? 0) + open.bytesInSpans,
      bytesUnread: (before?.bytesUnread ?? 0) + (book?.bytesUnread ?? 0) + open.bytesUnread,
      hits: (before?.hits ?? 0) + hits,
      probesNs: (before?.probesNs ?? 0) + probesNs,
      cpu: addCpu(before?.cpu ?? NO_CPU, cpu),
      reasons: addReasons(before?.reasons ?? {}, book?.reasons ?? new Map()),
    })
  }

  list(): readonly ServiceCost[] {
    return [...this.#services.values()]
  }
}

const addCpu = (a: CpuShare, b: CpuShare): CpuShare => ({
  allNs: a.allNs + b.allNs,
  probesNs: a.probesNs + b.probesNs,
})

function addReasons(
  to: Readonly<Record<string, number>>,
  more: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  if (more.size === 0) return to
  const sums = { ...to }
  for (const [reason, n] of more) sums[reason] = (sums[reason] ?? 0) + n
  return sums
}
