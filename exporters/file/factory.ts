import {
  type Component,
  type Consumer,
  type Context,
  defineExporter,
  type Signal,
} from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { retryFields } from '../../pipeline/retry.ts'
import { type FileConfig, schema } from './config.ts'
import { Files } from './file.ts'

const NO_RETRY = retryFields.parse({ enabled: false })

/** By configuration: all signals write into the same files. */
const opened = new WeakMap<FileConfig, Files>()

function exporter<R>(
  ctx: Context,
  config: FileConfig,
  signal: Signal,
): Component & Consumer<Batch<R>> {
  const files = opened.get(config) ?? new Files(ctx, config)
  opened.set(config, files)
  const options = { timeoutMs: 0, queue: undefined, retry: NO_RETRY }
  return new ExporterHelper<Batch<R>>(ctx, signal, options, {
    open: () => files.start(),
    send: (batch) => files.write(batch),
    close: () => files.stop(),
  })
}

/** Writes OTLP into files. */
export const file = defineExporter({
  type: 'file',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config) => exporter(ctx, config, 'traces'),
    metrics: (ctx, config) => exporter(ctx, config, 'metrics'),
    logs: (ctx, config) => exporter(ctx, config, 'logs'),
  },
})
