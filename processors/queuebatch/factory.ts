import type { Infer } from '../../config/fields.ts'
import {
  type BatchOf,
  type Consumer,
  type Context,
  defineProcessor,
  type Signal,
} from '../../pipeline/component.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { queueSection } from '../../pipeline/queue.ts'
import { retryFieldsOff } from '../../pipeline/retry.ts'

const schema = queueSection.check(
  ({ storage }) =>
    storage !== '' &&
    'not supported: this queue is in memory; sending_queue of an exporter can have a storage',
  'storage',
)

type QueueBatchConfig = Infer<typeof schema>

/** What the next component refuses is lost: the sender has gone on. */
const NO_RETRY = retryFieldsOff.parse({})

/** A queue in the middle: its consumers hand on what an exporter's would send. */
const queued = <S extends Signal>(
  ctx: Context,
  signal: S,
  queue: QueueBatchConfig,
  next: Consumer<BatchOf[S]>,
) =>
  new ExporterHelper<BatchOf[S]>(
    ctx,
    signal,
    { timeoutMs: 0, queue, retry: NO_RETRY },
    { send: (batch, signal, client) => next.consume(batch, { signal, ...(client && { client }) }) },
  )

/** A queue with batches, as exporters have it, in the middle of a pipeline. */
export const queuebatch = defineProcessor({
  type: 'queuebatch',
  aliases: ['queue_batch'],
  stability: { traces: 'alpha', metrics: 'alpha', logs: 'alpha' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config, next) => queued(ctx, 'traces', config, next),
    metrics: (ctx, config, next) => queued(ctx, 'metrics', config, next),
    logs: (ctx, config, next) => queued(ctx, 'logs', config, next),
  },
})
