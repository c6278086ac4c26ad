import { defineExtension } from '../../pipeline/component.ts'
import { BearerTokenAuth } from './bearer_token_auth.ts'
import { schema } from './config.ts'

/** A token in a header, of servers and of clients. */
export const bearerTokenAuth = defineExtension({
  type: 'bearer_token_auth',
  aliases: ['bearertokenauth'],
  stability: { extension: 'beta' },
  schema,
  create: (ctx, config) => new BearerTokenAuth(ctx, config),
})
