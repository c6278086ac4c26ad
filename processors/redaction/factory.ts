import { defineProcessor, stateless } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Redactor } from './redactor.ts'
import { redactLogs, redactMetrics, redactSpans } from './walk.ts'

/** Takes out what nobody should read. */
export const redaction = defineProcessor({
  type: 'redaction',
  stability: { traces: 'beta', metrics: 'beta', logs: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, config, next) => {
      const redact = redactSpans(new Redactor(config, { ofLogs: false }))
      return { ...stateless, consume: (batch, info) => next.consume(batch.map(redact), info) }
    },
    metrics: (_ctx, config, next) => {
      const redact = redactMetrics(new Redactor(config, { ofLogs: false }))
      return { ...stateless, consume: (batch, info) => next.consume(batch.map(redact), info) }
    },
    logs: (_ctx, config, next) => {
      const redact = redactLogs(new Redactor(config, { ofLogs: true }))
      return { ...stateless, consume: (batch, info) => next.consume(batch.map(redact), info) }
    },
  },
})
