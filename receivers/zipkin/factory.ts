import { defineReceiver } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Zipkin } from './zipkin.ts'

/** Takes spans from clients of Zipkin. */
export const zipkin = defineReceiver({
  type: 'zipkin',
  stability: { traces: 'beta' },
  schema,
  create: { traces: (ctx, config, next) => new Zipkin(ctx, config, next) },
})
