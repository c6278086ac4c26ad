import { type Context, defineProcessor } from '../../pipeline/component.ts'
import { warnOfMetricNames } from '../../pipeline/match/fields.ts'
import { attributesProcessor, kinds } from './attributes.ts'
import { type AttributesConfig, schema } from './config.ts'

/** The Collector looks at nothing else of a metric, and says nothing. */
function warnOfIgnored(ctx: Context, config: AttributesConfig): void {
  for (const part of ['include', 'exclude'] as const) {
    const { match_type, regexp, metric_names, ...others } = config[part] ?? {}
    const set = Object.entries(others).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    )
    if (set.length === 0) continue
    const ignored = set.map(([name]) => name).join(', ')
    ctx.log.warn(`${part}: metrics are chosen by metric_names alone, ${ignored} changes nothing`)
  }
}

/** Changes the attributes of spans, data points and log records. */
export const attributes = defineProcessor({
  type: 'attributes',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config, next) => {
      warnOfMetricNames(ctx.log, config)
      return attributesProcessor(kinds.traces, config, next)
    },
    metrics: (ctx, config, next) => {
      warnOfIgnored(ctx, config)
      return attributesProcessor(kinds.metrics, config, next)
    },
    logs: (ctx, config, next) => {
      warnOfMetricNames(ctx.log, config)
      return attributesProcessor(kinds.logs, config, next)
    },
  },
})
