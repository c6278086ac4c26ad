import { defineProcessor } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { TailSampling } from './tail_sampling.ts'

/** Decides on whole traces, by what their spans say. */
export const tailSampling = defineProcessor({
  type: 'tail_sampling',
  stability: { traces: 'beta' },
  access: 'items',
  schema,
  create: { traces: (ctx, config, next) => new TailSampling(ctx, config, next) },
})
