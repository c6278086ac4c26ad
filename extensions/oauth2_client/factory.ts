import { defineExtension } from '../../pipeline/component.ts'
import { schema } from './config.ts'
import { OAuth2Client } from './oauth2_client.ts'

/** Gets tokens by OAuth 2.0 client credentials, and adds them to what clients send. */
export const oauth2Client = defineExtension({
  type: 'oauth2_client',
  aliases: ['oauth2client'],
  stability: { extension: 'beta' },
  schema,
  create: (ctx, config) => new OAuth2Client(ctx, config),
})
