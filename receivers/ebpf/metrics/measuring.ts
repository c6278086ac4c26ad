import type { Consumer, Context } from '../../../pipeline/component.ts'
import { type MetricBatch, metricBatch } from '../../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../../pipeline/data/resource.ts'
import { PeriodicFlush } from '../../../pipeline/metrics/periodic_flush.ts'
import type { KnownProcess } from '../discovery/process.ts'
import type { MetricsRules } from './fields.ts'
import { Recorder } from './recorder.ts'

export interface MeasuringOptions {
  readonly rules: MetricsRules
  readonly scope: Scope
  /** That of spans. */
  readonly resourceOf: (known: KnownProcess) => Resource
  readonly onNotMeasured: (tgid: number) => void
}

/** As long as a metrics pipeline wants them: what is recorded, sent now and then. */
export class Measuring {
  readonly recorder: Recorder
  readonly #flush: PeriodicFlush

  constructor(ctx: Context, options: MeasuringOptions, next: Consumer<MetricBatch>) {
    const { rules, scope, resourceOf, onNotMeasured } = options
    const resources = new WeakMap<Resource, Resource>()
    const recorder = new Recorder({
      rules,
      scope,
      now: ctx.now,
      resourceOf: (known) => {
        const ofSpans = resourceOf(known)
        const made = resources.get(ofSpans) ?? withoutProcess(ofSpans)
        resources.set(ofSpans, made)
        return made
      },
      onResourceDropped: () => ctx.count('dropped_resources', 1),
      onAwaitingFull: () => ctx.count('dropped_awaiting_pod', 1),
      onNotMeasured,
    })
    this.recorder = recorder
    this.#flush = new PeriodicFlush(ctx, rules.intervalMs, async () => {
      const data = recorder.take()
      if (data.length > 0) await next.consume(metricBatch(data), {})
    })
    ctx.gauge('series', () => recorder.size)
    void this.#flush.start()
  }

  /** Sends once more what there is. */
  stop(): Promise<void> {
    return this.#flush.shutdown()
  }
}

/**
 * Metrics are of an instance of a service: whether it is one process or several workers of a container, and which ids those had,
 * would only make more series.
 */
function withoutProcess({ attributes, droppedAttributesCount }: Resource): Resource {
  return {
    attributes: attributes.filter(({ key }) => !key.startsWith('process.')),
    droppedAttributesCount,
  }
}
