import { defineExtension } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { Zpages } from './zpages.ts'

/** Shows in a browser what runs. */
export const zpages = defineExtension({
  type: 'zpages',
  stability: { extension: 'alpha' },
  schema,
  create: (ctx, config) => new Zpages(ctx, config),
})
