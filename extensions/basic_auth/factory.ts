import { type Infer, Opaque, object, opaque, optional, text } from '../../config/fields.ts'
import { defineExtension } from '../../pipeline/component.ts'
import { BasicAuthClient, BasicAuthServer } from './basic_auth.ts'

const htpasswd = object({
  file: text().default('').describe('A file as htpasswd(1) writes it, read at the start.'),
  inline: opaque().default(new Opaque('')).describe('The same, written here; wins over the file.'),
})

const client = object({
  username: text().default('').describe('The user.'),
  username_file: text().default('').describe('A file with the user, read anew when it changes.'),
  password: opaque().default(new Opaque('')).describe('The password.'),
  password_file: text()
    .default('')
    .describe('A file with the password, read anew when it changes.'),
})

export type HtpasswdSettings = Infer<typeof htpasswd>
export type ClientSettings = Infer<typeof client>

const schema = object({
  htpasswd: optional(htpasswd).describe('For servers: who may send.'),
  client_auth: optional(client).describe('For clients: who we are.'),
})
  .check(
    (config) =>
      config.htpasswd === undefined &&
      config.client_auth === undefined &&
      'no credential source provided',
  )
  .check(
    (config) =>
      config.htpasswd !== undefined &&
      config.client_auth !== undefined &&
      'only one of `htpasswd` or `client_auth` can be specified',
    'client_auth',
  )

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
