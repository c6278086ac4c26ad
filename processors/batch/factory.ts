import { defineProcessor } from '../../pipeline/component.ts'
import { BatchProcessor } from './batch.ts'
import { schema } from './config.ts'

/** Gathers items into larger batches, so that exporters send fewer requests. */
export const batch = defineProcessor({
  type: 'batch',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'opaque',
  schema,
  create: {
    traces: (ctx, config, next) => new BatchProcessor(ctx, config, next),
    metrics: (ctx, config, next) => new BatchProcessor(ctx, config, next),
    logs: (ctx, config, next) => new BatchProcessor(ctx, config, next),
  },
})
