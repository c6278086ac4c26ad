import { defineProcessor } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Interval } from './interval.ts'

/** Sends the last point of each stream now and then, in the place of every one. */
export const interval = defineProcessor({
  type: 'interval',
  stability: { metrics: 'beta' },
  access: 'items',
  schema,
  create: { metrics: (ctx, config, next) => new Interval(ctx, config, next) },
})
