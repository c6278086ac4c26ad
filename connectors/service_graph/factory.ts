import { defineConnector } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { ServiceGraph } from './service_graph.ts'

/** Metrics of who calls whom. */
export const serviceGraph = defineConnector({
  type: 'service_graph',
  aliases: ['servicegraph'],
  stability: { 'traces->metrics': 'beta' },
  access: 'items',
  schema,
  create: { 'traces->metrics': (ctx, config, next) => new ServiceGraph(ctx, config, next) },
})
