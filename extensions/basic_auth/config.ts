import { type Infer, Opaque, object, opaque, optional, text } from '../../config/fields.ts'

const htpasswd = object({
  file: text().default('').describe('A file as htpasswd(1) writes it, read at the start.'),
  inline: opaque().default(new Opaque('')).describe('The same, written here; wins over the file.'),
})

export const client = object({
  username: text().default('').describe('The user.'),
  username_file: text().default('').describe('A file with the user, read anew when it changes.'),
  password: opaque().default(new Opaque('')).describe('The password.'),
  password_file: text()
    .default('')
    .describe('A file with the password, read anew when it changes.'),
})

export const schema = object({
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

export type HtpasswdSettings = Infer<typeof htpasswd>
export type ClientSettings = Infer<typeof client>
