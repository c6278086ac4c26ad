import type { Consumer, Context } from '../../pipeline/component.ts'
import type { MetricBatch, TraceBatch } from '../../pipeline/data/batch.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import type { Counters } from './counters.ts'
import { Delivery } from './delivery.ts'
import type { KnownProcess } from './discovery/process.ts'
import type { MetricsRules } from './metrics/fields.ts'
import { Measuring } from './metrics/measuring.ts'
import type { Recorder } from './metrics/recorder.ts'

/** Which pipelines there are: a reload may change it. */
export interface Wanted {
  readonly traced: boolean
  readonly recorder: Recorder | undefined
}

export interface OutputsOptions {
  readonly metrics: MetricsRules
  readonly scope: Scope
  readonly counters: Counters
  readonly resourceOf: (known: KnownProcess) => Resource
  readonly onError: (error: unknown) => void
}

/** The pipelines behind the receiver. */
export class Outputs implements Wanted {
  readonly delivery: Delivery
  readonly #options: OutputsOptions
  #traced = false
  #measuring: Measuring | undefined

  constructor(options: OutputsOptions) {
    this.#options = options
    this.delivery = new Delivery(options.counters, options.onError)
  }

  get traced(): boolean {
    return this.#traced
  }

  get recorder(): Recorder | undefined {
    return this.#measuring?.recorder
  }

  /** Spans go there from now on. */
  trace(next: Consumer<TraceBatch>): void {
    this.delivery.open(next)
    this.#traced = true
  }

  /** What is on its way still leaves, until `deadline`. */
  async stopTracing(deadline: AbortSignal): Promise<void> {
    this.#traced = false
    await this.delivery.close(deadline)
  }

  /** Measures exchanges from now on, and sends metrics there. */
  measure(ctx: Context, next: Consumer<MetricBatch>): void {
    const { metrics: rules, scope, resourceOf, counters } = this.#options
    const onNotMeasured = () => counters.add('not_measured')
    this.#measuring = new Measuring(ctx, { rules, scope, resourceOf, onNotMeasured }, next)
  }

  /** What was measured leaves once more. */
  async stopMeasuring(): Promise<void> {
    const measuring = this.#measuring
    this.#measuring = undefined
    await measuring?.stop()
  }
}
