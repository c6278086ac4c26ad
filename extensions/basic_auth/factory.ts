import { defineExtension } from '../../pipeline/component.ts'
import { BasicAuthClient, BasicAuthServer } from './basic_auth.ts'
import { client, schema } from './config.ts'

/** HTTP Basic authentication, of servers or of clients. */
export const basicAuth = defineExtension({
  type: 'basic_auth',
  aliases: ['basicauth'],
  stability: { extension: 'beta' },
  schema,
  create: (ctx, config) => {
    if (config.htpasswd !== undefined) return new BasicAuthServer(config.htpasswd)
    return new BasicAuthClient(ctx, config.client_auth ?? client.parse({}))
  },
})
