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

type Lines<T> = (batch: T) => readonly string[]

/** How one signal is shown. */
export interface View<T> {
  readonly title: string
  readonly fields: (batch: T) => Readonly<Record<string, number>>
  readonly normal: Lines<T>
  readonly detailed: Lines<T>
}

const each =
  <R>(lines: (resource: R, index: number) => string[]): Lines<Batch<R>> =>
  (batch) =>
    batch.resources().flatMap(lines)

export const views: { readonly [S in Signal]: View<BatchOf[S]> } = {
  traces: {
    title: 'Traces',
    fields: (batch) => ({ 'resource spans': batch.segments.length, spans: batch.count }),
    normal: each(normalSpans),
    detailed: each(detailedSpans),
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
    normal: each(normalMetrics),
    detailed: each(detailedMetrics),
  },
  logs: {
    title: 'Logs',
    fields: (batch) => ({ 'resource logs': batch.segments.length, 'log records': batch.count }),
    normal: each(normalLogs),
    detailed: each(detailedLogs),
  },
  profiles: {
    title: 'Profiles',
    fields: (batch) => ({ 'sample records': batch.count, bytes: batch.toProtobuf().length }),
    normal: () => [],
    detailed: () => [],
  },
}

/** Shows batches in weir's log, or on standard output. */
export class DebugExporter<T extends { readonly count: number }> implements Component, Consumer<T> {
  readonly #ctx: Context
  readonly #view: View<T>
  readonly #lines: Lines<T> | undefined
  readonly #passes: () => boolean
  readonly #sent: string
  readonly #output: Output | undefined

  constructor(ctx: Context, config: DebugConfig, signal: Signal, view: View<T>, open: () => Sink) {
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

  consume(batch: T): Promise<void> {
    const fields = this.#view.fields(batch)
    if (this.#passes()) this.#write(this.#view.title, fields)
    if (this.#lines !== undefined && this.#passes()) {
      this.#write(this.#lines(batch).join('\n'))
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
