import { type Infer, list, object, text } from '../../config/fields.ts'
import { defineProcessor } from '../../pipeline/component.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { groupLogs, groupMetrics, groupSpans } from './group.ts'

const schema = object({
  keys: list(text()).describe(
    'Attributes that move from items to their resource; none: equal resources are only joined.',
  ),
})

export type GroupConfig = Infer<typeof schema>

/** Moves attributes of items to their resources, and joins what has equal resources then. */
export const groupByAttrs = defineProcessor({
  type: 'group_by_attrs',
  aliases: ['groupbyattrs'],
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, { keys }, next) => groupSpans(keys, traceBatch, next),
    metrics: (_ctx, { keys }, next) => groupMetrics(keys, metricBatch, next),
    logs: (_ctx, { keys }, next) => groupLogs(keys, logBatch, next),
  },
})
