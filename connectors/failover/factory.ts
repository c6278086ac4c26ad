import { duration, type Infer, list, object, text } from '../../config/fields.ts'
import { defineConnector } from '../../pipeline/component.ts'
import { failover as connect } from './failover.ts'

const schema = object({
  priority_levels: list(list(text()))
    .describe('Lists of pipelines, the first one best. All pipelines of a level get each batch.')
    .check((levels) => levels.length === 0 && 'priority levels are not configured')
    .check(
      (levels) => levels.some((one) => one.length === 0) && 'a priority level has no pipelines',
    ),
  retry_interval: duration()
    .min(1)
    .default(600_000)
    .describe('How long a level that failed is left alone.'),
})

export type FailoverConfig = Infer<typeof schema>

/** Sends to other pipelines while the better ones fail. */
export const failover = defineConnector({
  type: 'failover',
  stability: { 'traces->traces': 'alpha', 'metrics->metrics': 'alpha', 'logs->logs': 'alpha' },
  access: 'opaque',
  schema,
  create: {
    'traces->traces': (ctx, config, next) => connect(ctx, config, next),
    'metrics->metrics': (ctx, config, next) => connect(ctx, config, next),
    'logs->logs': (ctx, config, next) => connect(ctx, config, next),
  },
})
