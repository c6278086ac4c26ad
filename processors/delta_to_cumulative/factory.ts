import { defineProcessor } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { DeltaToCumulative } from './delta_to_cumulative.ts'

/** Turns what came since the point before into what came since the start. */
export const deltaToCumulative = defineProcessor({
  type: 'delta_to_cumulative',
  aliases: ['deltatocumulative'],
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: { metrics: (ctx, config, next) => new DeltaToCumulative(ctx, config, next) },
})
