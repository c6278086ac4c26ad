import { defineExtension } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Pprof } from './pprof.ts'

/** Serves profiles of weir itself. */
export const pprof = defineExtension({
  type: 'pprof',
  stability: { extension: 'alpha' },
  schema,
  create: (ctx, config) => new Pprof(ctx, config),
})
