import { object } from '../../config/fields.ts'
import { type Context, defineExporter, type Signal, stateless } from '../../pipeline/component.ts'
import { ITEMS } from '../../pipeline/observe.ts'

const discard = (ctx: Context, signal: Signal) => ({
  ...stateless,
  consume(batch: { readonly count: number }) {
    ctx.count(`sent_${ITEMS[signal]}`, batch.count)
    return Promise.resolve()
  },
})

/** Takes everything and sends it nowhere. */
export const nopExporter = defineExporter({
  type: 'nop',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta', profiles: 'alpha' },
  access: 'opaque',
  schema: object({}),
  create: {
    traces: (ctx) => discard(ctx, 'traces'),
    metrics: (ctx) => discard(ctx, 'metrics'),
    logs: (ctx) => discard(ctx, 'logs'),
    profiles: (ctx) => discard(ctx, 'profiles'),
  },
})
