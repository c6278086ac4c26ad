import { defineConnector } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { SpanMetrics } from './span_metrics.ts'

/** Metrics of spans: how many, how long, with which outcome. */
export const spanMetrics = defineConnector({
  type: 'span_metrics',
  aliases: ['spanmetrics'],
  stability: { 'traces->metrics': 'beta' },
  access: 'items',
  schema,
  create: { 'traces->metrics': (ctx, config, next) => new SpanMetrics(ctx, config, next) },
})
