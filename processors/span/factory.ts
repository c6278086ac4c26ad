import { defineProcessor, stateless } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { compileChange } from './span.ts'

/** Renames spans and sets their status. */
export const span = defineProcessor({
  type: 'span',
  stability: { traces: 'beta' },
  access: 'items',
  schema,
  create: {
    traces: (_ctx, config, next) => {
      const change = compileChange(config)
      return { ...stateless, consume: (batch, info) => next.consume(batch.map(change), info) }
    },
  },
})
