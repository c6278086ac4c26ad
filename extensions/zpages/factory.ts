import { bool, endpoint, type Infer, object } from '../../config/fields.ts'
import { defineExtension } from '../../pipeline/component.ts'
import { Zpages } from './zpages.ts'

const schema = object({
  endpoint: endpoint().default('localhost:55679').describe('Where to listen.'),
  expvar: object({
    enabled: bool().default(false).describe('Whether /debug/expvarz is served.'),
  }).describe('Memory and command line as JSON.'),
})

export type ZpagesConfig = Infer<typeof schema>

/** Shows in a browser what runs. */
export const zpages = defineExtension({
  type: 'zpages',
  stability: { extension: 'alpha' },
  schema,
  create: (ctx, config) => new Zpages(ctx, config),
})
