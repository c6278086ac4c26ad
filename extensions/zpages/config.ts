import { bool, endpoint, type Infer, object } from '../../config/fields.ts'

export const schema = object({
  endpoint: endpoint().default('localhost:55679').describe('Where to listen.'),
  expvar: object({
    enabled: bool().default(false).describe('Whether /debug/expvarz is served.'),
  }).describe('Memory and command line as JSON.'),
})

export type ZpagesConfig = Infer<typeof schema>
