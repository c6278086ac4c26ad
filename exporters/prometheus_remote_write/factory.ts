import { defineExporter } from '../../pipeline/component.ts'
import { ExporterHelper, type HelperOptions } from '../../pipeline/exporter_helper.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { type RemoteWriteConfig, schema } from './config.ts'
import { RemoteWrite } from './prometheus_remote_write.ts'
import { Wal } from './wal.ts'

/** Sends metrics to a Prometheus, or what speaks as one, by remote write 1.0 or 2.0. */
export const prometheusRemoteWrite = defineExporter({
  type: 'prometheus_remote_write',
  aliases: ['prometheusremotewrite'],
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: {
    metrics: (ctx, config) => {
      const wal = config.wal && new Wal(ctx, config.wal)
      const destination = new RemoteWrite(ctx, config, () => wal?.close())
      return new ExporterHelper(ctx, 'metrics', optionsOf(config, wal), destination)
    },
  },
})

/** One batch at a time, as samples of a series must come in order; its requests are what goes side by side. */
const optionsOf = (
  { timeout, remote_write_queue: queue, retry_on_failure }: RemoteWriteConfig,
  wal: Wal | undefined,
): HelperOptions => ({
  timeoutMs: timeout,
  queue:
    queue.enabled || wal !== undefined
      ? queueFields.parse({
          queue_size: queue.queue_size,
          num_consumers: 1,
          storage: wal === undefined ? '' : 'wal',
        })
      : undefined,
  retry: retry_on_failure,
  ...(wal && { openStorage: () => wal.open() }),
})
