import { defineProcessor } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { CumulativeToDelta } from './cumulative_to_delta.ts'

/** Turns what counts since its start into what came since the point before. */
export const cumulativeToDelta = defineProcessor({
  type: 'cumulative_to_delta',
  aliases: ['cumulativetodelta'],
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: { metrics: (ctx, config, next) => new CumulativeToDelta(ctx, config, next) },
})
