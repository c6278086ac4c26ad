import type { BatchOf, Component, Consumer, Context, Signal } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { ITEMS } from '../../pipeline/observe.ts'
import { Output, type Sink } from '../../pipeline/output.ts'
import { detailedLogs } from './detailed_logs.ts'
import { detailedMetrics } from './detailed_metrics.ts'
import { detailedSpans } from './detailed_traces.ts'
import type { DebugConfig } from './factory.ts'
import { normalLogs, normalMetrics, normalSpans } from './normal.ts'
import { sampler } from './sampler.ts'

const MAX_WAITING_BYTES = 4 << 20

type Lines<R> = (resource: R, index: number) => string[]

/** How one signal is shown. */
export interface View<R> {
  readonly title: string
  readonly fields: (batch: Batch<R>) => Readonly<Record<string, number>>
  readonly normal: Lines<R>
  readonly detailed: Lines<R>
}

type ResourceOf<S extends Signal> = BatchOf[S] extends Batch<infer R> ? R : never

export const views: { readonly [S in Signal]: View<ResourceOf<S>> } = {
  traces: {
    title: 'Traces',
    fields: (batch) => ({ 'resource spans': batch.segments.length, spans: batch.count }),
    normal: normalSpans,
    detailed: detailedSpans,
  },
  metrics: {
    title: 'Metrics',
    fields: (batch) => ({
      'resource metrics': batch.segments.length,
      metrics: batch
        .resources()
        .flatMap((one) => one.scopeMetrics)
        .reduce((sum, one) => sum + one.metrics.length, 0),
      'data points': batch.count,
    }),
    normal: normalMetrics,
    detailed: detailedMetrics,
  },
  logs: {
    title: 'Logs',
    fields: (batch) => ({ 'resource logs': batch.segments.length, 'log records': batch.count }),
    normal: normalLogs,
    detailed: detailedLogs,
  },
}

/** Shows batches in weir's log, or on standard output. */
export class DebugExporter<R> implements Component, Consumer<Batch<R>> {
  readonly #ctx: Context
  readonly #view: View<R>
  readonly #lines: Lines<R> | undefined
  readonly #passes: () => boolean
  readonly #sent: string
  readonly #output: Output | undefined

  constructor(ctx: Context, config: DebugConfig, signal: Signal, view: View<R>, open: () => Sink) {
    this.#ctx = ctx
    this.#view = view
    this.#sent = `sent_${ITEMS[signal]}`
    this.#lines = config.verbosity === 'basic' ? undefined : view[config.verbosity]
    this.#passes = sampler(config.sampling_initial, config.sampling_thereafter, ctx.now)
    if (config.use_internal_logger) return
    this.#output = new Output({
      open,
      maxBytes: MAX_WAITING_BYTES,
      onDropped: (messages) => ctx.count('dropped_output_slow_or_closed', messages),
      onClosed: (error) => ctx.log.warn('Standard output is closed.', { error }),
    })
  }

  start(): Promise<void> {
    this.#output?.open()
    return Promise.resolve()
  }

  consume(batch: Batch<R>): Promise<void> {
    const fields = this.#view.fields(batch)
    if (this.#passes()) this.#write(this.#view.title, fields)
    if (this.#lines !== undefined && this.#passes()) {
      this.#write(batch.resources().flatMap(this.#lines).join('\n'))
    }
    this.#ctx.count(this.#sent, batch.count)
    return Promise.resolve()
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await this.#output?.close(deadline)
  }

  #write(message: string, fields?: Readonly<Record<string, number>>): void {
    if (this.#output === undefined) this.#ctx.log.info(message, fields)
    else this.#output.write(fields ? `${message}\t${JSON.stringify(fields)}\n` : `${message}\n`)
  }
}
