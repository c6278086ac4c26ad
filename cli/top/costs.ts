import type { ServiceCost } from '../../receivers/ebpf/costs/service_costs.ts'

/** What a page says of a service beside its requests. */
export interface ShownCost {
  /** Of the bytes that it has moved, those on connections that gave spans: 0 to 1; undefined before the first. */
  readonly coverage: number | undefined
  /** Of a core, what probes take of the CPU of its processes: 0 to 1. */
  readonly probes: number
  /** Bytes a second on connections whose TLS nobody can read. */
  readonly unread: number
}

/** What the agent says of services, told twice: costs are of the time in between. */
export class ShownCosts {
  #before = new Map<string, ServiceCost>()
  #beforeMs = 0
  #shown: ReadonlyMap<string, ShownCost> = new Map()

  /** Times are milliseconds of one clock. */
  update(services: readonly ServiceCost[], nowMs: number): void {
    const ms = nowMs - this.#beforeMs
    this.#shown = new Map(services.map((one) => [one.service, this.#show(one, ms)]))
    this.#before = new Map(services.map((one) => [one.service, one]))
    this.#beforeMs = nowMs
  }

  /** By service. */
  get shown(): ReadonlyMap<string, ShownCost> {
    return this.#shown
  }

  #show({ service, ...now }: ServiceCost, ms: number): ShownCost {
    const { bytes, bytesInSpans, bytesUnread, probesNs } = now
    const before = this.#before.get(service) ?? now
    return {
      coverage: bytes === 0 ? undefined : bytesInSpans / bytes,
      probes: Math.max(probesNs - before.probesNs, 0) / (ms * 1e6),
      unread: Math.max(bytesUnread - before.bytesUnread, 0) / (ms / 1000),
    }
  }
}
