import { defineConnector } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { failover as connect } from './failover.ts'

/** Sends to other pipelines while the better ones fail. */
export const failover = defineConnector({
  type: 'failover',
  stability: { 'traces->traces': 'alpha', 'metrics->metrics': 'alpha', 'logs->logs': 'alpha' },
  access: 'opaque',
  schema,
  create: {
    'traces->traces': (ctx, config, next) => connect(ctx, 'traces', config, next),
    'metrics->metrics': (ctx, config, next) => connect(ctx, 'metrics', config, next),
    'logs->logs': (ctx, config, next) => connect(ctx, 'logs', config, next),
  },
})
