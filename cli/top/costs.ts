import type { ServiceCost, ToldCosts } from '../../receivers/ebpf/costs/service_costs.ts'
import { ALL_REASONS } from '../../receivers/ebpf/counters.ts'

/** What a page says of a service beside its requests. */
export interface ShownCost {
  /** Of the bytes that it has moved, those on connections that gave spans: 0 to 1; undefined before the first. */
  readonly coverage: number | undefined
  /** Exchanges a second that gave no span though they should have. */
  readonly lost: number
  /** Of a core, what its processes take, probes included: 1 for a whole one. */
  readonly cpu: number
  /** Of that, what probes take: 0 to 1; undefined where it took nothing, or nobody could look. */
  readonly probes: number | undefined
  /** Bytes a second on connections whose TLS nobody can read. */
  readonly unread: number
}

/** What pages say beside requests. */
export interface Shown {
  /** `seen N / exported N / lost N ...`; '' where no agent tells. */
  readonly books: string
  readonly services: ReadonlyMap<string, ShownCost>
}

export const NOTHING_SHOWN: Shown = { books: '', services: new Map() }

/** What the agent says of services, told twice: costs are of the time in between. */
export class ShownCosts {
  #before = new Map<string, ServiceCost>()
  #beforeMs = 0
  #shown = NOTHING_SHOWN

  /** Times are milliseconds of one clock. */
  update({ books, services }: ToldCosts, nowMs: number): void {
    const ms = nowMs - this.#beforeMs
    const shown = services.map((one) => [one.service, this.#show(one, ms)] as const)
    this.#shown = { books, services: new Map(shown) }
    this.#before = new Map(services.map((one) => [one.service, one]))
    this.#beforeMs = nowMs
  }

  get shown(): Shown {
    return this.#shown
  }

  #show({ service, ...now }: ServiceCost, ms: number): ShownCost {
    const { bytes, bytesInSpans, bytesUnread, cpu } = now
    const before = this.#before.get(service) ?? now
    const cpuNs = Math.max(cpu.allNs - before.cpu.allNs, 0)
    const probesNs = Math.max(cpu.probesNs - before.cpu.probesNs, 0)
    return {
      coverage: bytes === 0 ? undefined : bytesInSpans / bytes,
      lost: Math.max(lostOf(now.reasons) - lostOf(before.reasons), 0) / (ms / 1000),
      cpu: cpuNs / (ms * 1e6),
      probes: cpuNs === 0 ? undefined : probesNs / cpuNs,
      unread: Math.max(bytesUnread - before.bytesUnread, 0) / (ms / 1000),
    }
  }
}

const lostOf = (reasons: ServiceCost['reasons']): number =>
  Object.entries(reasons).reduce(
    (sum, [name, times]) => sum + (ALL_REASONS[name]?.kind === 'lost' ? times : 0),
    0,
  )
