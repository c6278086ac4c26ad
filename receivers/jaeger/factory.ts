import { defineReceiver } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Jaeger } from './jaeger.ts'

/** Takes spans from clients and agents of Jaeger. */
export const jaeger = defineReceiver({
  type: 'jaeger',
  stability: { traces: 'beta' },
  schema,
  create: { traces: (ctx, config, next) => new Jaeger(ctx, config, next) },
})
