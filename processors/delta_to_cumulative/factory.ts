import { duration, type Infer, int, object } from '../../config/fields.ts'
import { defineProcessor } from '../../pipeline/component.ts'
import { DeltaToCumulative } from './delta_to_cumulative.ts'

const schema = object({
  max_stale: duration()
    .min(1)
    .default(300_000)
    .describe('A stream that is silent for so long is forgotten, and begins anew.'),
  max_streams: int()
    .min(1)
    .default(1_000_000)
    .describe('Streams at most; points of others are dropped.'),
})

export type CumulativeConfig = Infer<typeof schema>

/** Turns what came since the point before into what came since the start. */
export const deltaToCumulative = defineProcessor({
  type: 'delta_to_cumulative',
  aliases: ['deltatocumulative'],
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: { metrics: (ctx, config, next) => new DeltaToCumulative(ctx, config, next) },
})
