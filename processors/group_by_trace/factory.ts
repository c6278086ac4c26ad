import { defineProcessor } from '../../pipeline/component.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import { schema } from './config.ts'
import { GroupByTrace } from './group_by_trace.ts'

/** Keeps spans until their trace has had time to come together. */
export const groupByTrace = defineProcessor({
  type: 'group_by_trace',
  aliases: ['groupbytrace'],
  stability: { traces: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config, next) => {
      warnUnused(ctx.log, { num_workers: config.num_workers > 1 })
      return new GroupByTrace(ctx, config, next)
    },
  },
})
