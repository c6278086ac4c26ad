import { type Context, defineProcessor } from '../../pipeline/component.ts'
import { attributesProcessor, kinds } from './attributes.ts'
import { type AttributesConfig, schema } from './config.ts'

/** As in the Collector, which says nothing. */
function warnOfResources({ log }: Context, config: AttributesConfig): void {
  for (const part of ['include', 'exclude'] as const) {
    if ((config[part]?.resources.length ?? 0) === 0) continue
    log.warn(`${part}: metrics are chosen by metric_names alone, resources changes nothing`)
  }
}

/** Changes the attributes of spans, data points and log records. */
export const attributes = defineProcessor({
  type: 'attributes',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, config, next) => attributesProcessor(kinds.traces, config, next),
    metrics: (ctx, config, next) => {
      warnOfResources(ctx, config)
      return attributesProcessor(kinds.metrics, config, next)
    },
    logs: (_ctx, config, next) => attributesProcessor(kinds.logs, config, next),
  },
})
