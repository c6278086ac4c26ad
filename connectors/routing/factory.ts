import { defineConnector } from '../../pipeline/component.ts'
import { walkLogs, walkMetrics, walkTraces } from '../../pipeline/ottl/walk.ts'
import { schema } from './config.ts'
import { routing as connect } from './routing.ts'

/** Sends telemetry to this pipeline or that, by what it says. */
export const routing = defineConnector({
  type: 'routing',
  stability: { 'traces->traces': 'beta', 'metrics->metrics': 'beta', 'logs->logs': 'beta' },
  access: 'items',
  schema,
  create: {
    'traces->traces': (ctx, config, next) => connect(ctx, 'traces', config, walkTraces, next),
    'metrics->metrics': (ctx, config, next) => connect(ctx, 'metrics', config, walkMetrics, next),
    'logs->logs': (ctx, config, next) => connect(ctx, 'logs', config, walkLogs, next),
  },
})
