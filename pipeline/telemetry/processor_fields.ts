import { type Infer, int, object, optional } from '../../config/fields.ts'
import { otlpFields } from './otlp_fields.ts'

const exporter = object({ otlp: otlpFields }).describe('Where it goes.')

/** `processors` of own traces and own logs. */
export const processorFields = (delayMs: number) =>
  object({
    batch: optional(
      object({
        schedule_delay: int().min(0).default(delayMs).describe('Milliseconds between two exports.'),
        export_timeout: int().min(0).default(30_000).describe('Milliseconds for one export.'),
        max_queue_size: int().min(1).default(2048).describe('What waits at most; more is lost.'),
        max_export_batch_size: int().min(1).default(512).describe('What one export takes at most.'),
        exporter,
      }),
    ).describe('Sent together.'),
    simple: optional(object({ exporter })).describe('Sent one by one.'),
  }).check(
    ({ batch, simple }) =>
      (batch === undefined) === (simple === undefined) &&
      'unsupported processor: expected either batch or simple',
  )

export type ProcessorConfig = Infer<ReturnType<typeof processorFields>>

/** The options of the SDK's batch processors. */
export const batchOptions = (config: NonNullable<ProcessorConfig['batch']>) => ({
  scheduledDelayMillis: config.schedule_delay,
  exportTimeoutMillis: config.export_timeout,
  maxQueueSize: config.max_queue_size,
  maxExportBatchSize: Math.min(config.max_export_batch_size, config.max_queue_size),
})
