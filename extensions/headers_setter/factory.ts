import { defineExtension } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { HeadersSetter } from './headers_setter.ts'

/** Sets headers of requests that leave. */
export const headersSetter = defineExtension({
  type: 'headers_setter',
  aliases: ['headerssetter'],
  stability: { extension: 'beta' },
  schema,
  dependencies: ({ additional_auth: other }) => (other === '' ? [] : [other]),
  create: (ctx, config) => new HeadersSetter(ctx, config),
})
