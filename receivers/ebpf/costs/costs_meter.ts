import type { Context } from '../../../pipeline/component.ts'
import type { Labels } from '../../../pipeline/telemetry/counters.ts'
import type { ServiceCost } from './service_costs.ts'

/** Costs of services as counters of the receiver. */
export class CostsMeter {
  readonly #ctx: Pick<Context, 'count'>
  readonly #told = new Map<string, number>()

  constructor(ctx: Pick<Context, 'count'>) {
    this.#ctx = ctx
  }

  publish(services: readonly ServiceCost[]): void {
    for (const { service, bytes, bytesInSpans, hits, probesNs, cpu, reasons } of services) {
      this.#add('service_bytes', bytesInSpans, { service, in_spans: 'true' })
      this.#add('service_bytes', bytes - bytesInSpans, { service, in_spans: 'false' })
      this.#add('service_probe_hits', hits, { service })
      this.#add('service_probe_cpu', probesNs / 1e9, { service })
      this.#add('service_cpu', cpu.allNs / 1e9, { service })
      for (const [reason, times] of Object.entries(reasons)) {
        this.#add('service_reasons', times, { service, reason })
      }
    }
  }

  /** It is `all` by now. */
  #add(name: string, all: number, labels: Labels): void {
    const key = [name, ...Object.values(labels)].join('\0')
    const more = all - (this.#told.get(key) ?? 0)
    if (more <= 0) return
    this.#told.set(key, all)
    this.#ctx.count(name, more, labels)
  }
}
