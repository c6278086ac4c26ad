import { defineProcessor, stateless } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { generate } from './generate.ts'

/** Makes metrics out of others, for each resource. */
export const metricsGeneration = defineProcessor({
  type: 'metrics_generation',
  aliases: ['metricsgeneration', 'experimental_metricsgeneration'],
  stability: { metrics: 'alpha' },
  access: 'items',
  schema,
  create: {
    metrics: (ctx, { rules }, next) => ({
      ...stateless,
      consume: (batch, info) =>
        next.consume(
          batch.map((data) =>
            rules.reduce((made, one) => generate(made, one, (why) => ctx.count(why, 1)), data),
          ),
          info,
        ),
    }),
  },
})
