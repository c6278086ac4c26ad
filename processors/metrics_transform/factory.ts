import { defineProcessor, stateless } from '../../pipeline/component.ts'
import { metricBatch } from '../../pipeline/data/batch.ts'
import type { ResourceMetrics } from '../../pipeline/data/metrics.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import { schema } from './config.ts'
import { compileTransform } from './transform.ts'

/** Renames, copies and combines metrics, and changes their labels. */
export const metricsTransform = defineProcessor({
  type: 'metrics_transform',
  aliases: ['metricstransform'],
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: {
    metrics(ctx, config, next) {
      const log = limitedLog(ctx.now)
      const onUnequal = (name: string) => {
        ctx.count('not_combined', 1)
        log(
          ctx.log.warn,
          name,
          'metrics that differ in type, unit or temporality were not combined',
          { name },
        )
      }
      const transforms = config.transforms.map((one) => compileTransform(one, onUnequal))
      return {
        ...stateless,
        async consume(batch, info) {
          const data = transforms.reduce<readonly ResourceMetrics[]>(
            (resources, act) => resources.flatMap(act),
            batch.resources(),
          )
          await next.consume(metricBatch(data), info)
        },
      }
    },
  },
})
