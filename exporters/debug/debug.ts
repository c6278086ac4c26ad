import type { BatchOf, Context, Signal } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { type Destination, ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { Output, openFile, openOutput, type Sink } from '../../pipeline/output.ts'
import { retryFieldsOff } from '../../pipeline/retry.ts'
import type { DebugConfig } from './config.ts'
import { detailedLogs } from './detailed_logs.ts'
import { detailedMetrics } from './detailed_metrics.ts'
import { detailedSpans } from './detailed_traces.ts'
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

const views: { readonly [S in Signal]: View<BatchOf[S]> } = {
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

/** Opens a place that `output_paths` names. */
export type Open = (path: string) => Sink

const STANDARD: Readonly<Record<string, 1 | 2>> = { stdout: 1, stderr: 2 }

/** As the Collector names places: `stdout`, `stderr`, a file or its URL. */
function openPath(path: string): Sink {
  const standard = STANDARD[path]
  return standard === undefined ? openFile(path.replace(/^file:\/\//, '')) : openOutput(standard)
}

/** Shows batches in weir's log, or where `output_paths` says. */
class DebugDestination<T extends { readonly count: number }> implements Destination<T> {
  readonly #ctx: Context
  readonly #view: View<T>
  readonly #lines: Lines<T> | undefined
  readonly #passes: () => boolean
  readonly #outputs: readonly Output[]

  constructor(ctx: Context, config: DebugConfig, view: View<T>, open: Open) {
    const { verbosity, output_paths: paths, use_internal_logger } = config
    this.#ctx = ctx
    this.#view = view
    this.#lines = verbosity === 'basic' ? undefined : view[verbosity]
    this.#passes = sampler(config.sampling_initial, config.sampling_thereafter, ctx.now)
    const places = paths.length === 0 ? ['stdout'] : paths
    this.#outputs = use_internal_logger ? [] : places.map((path) => outputTo(ctx, path, open))
  }

  async open(): Promise<void> {
    for (const output of this.#outputs) output.open()
  }

  async send(batch: T): Promise<void> {
    const fields = this.#view.fields(batch)
    if (this.#passes()) this.#write(this.#view.title, fields)
    if (this.#lines !== undefined && this.#passes()) {
      this.#write(this.#lines(batch).join('\n'))
    }
  }

  async close(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.close(deadline)))
  }

  #write(message: string, fields?: Readonly<Record<string, number>>): void {
    if (this.#outputs.length === 0) this.#ctx.log.info(message, fields)
    const line = fields ? `${message}\t${JSON.stringify(fields)}\n` : `${message}\n`
    for (const output of this.#outputs) output.write(line)
  }
}

const outputTo = (ctx: Context, path: string, open: Open): Output =>
  new Output({
    open: () => open(path),
    maxBytes: MAX_WAITING_BYTES,
    onDropped: (messages) => ctx.count('dropped_output_slow_or_closed', messages),
    onClosed: (error) => ctx.log.warn('An output is closed.', { output: path, error }),
  })

/** What it is asked to show never fails. */
const NO_RETRY = retryFieldsOff.parse({})

export function debugExporter<S extends Signal>(
  ctx: Context,
  config: DebugConfig,
  signal: S,
  open: Open = openPath,
): ExporterHelper<BatchOf[S]> {
  // Nobody has decoded a profile whose parts could be shown.
  const shown = signal === 'profiles' ? { ...config, verbosity: 'basic' as const } : config
  const options = { timeoutMs: 0, queue: config.sending_queue, retry: NO_RETRY }
  const view: View<BatchOf[S]> = views[signal]
  return new ExporterHelper(ctx, signal, options, new DebugDestination(ctx, shown, view, open))
}
