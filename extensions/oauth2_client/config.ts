import {
  duration,
  enumOf,
  type Infer,
  list,
  map,
  object,
  opaque,
  text,
} from '../../config/fields.ts'
import { tlsClientFields } from '../../pipeline/net/tls_fields.ts'

export const schema = object({
  client_id: text().default('').describe('Who we are.'),
  client_id_file: text().default('').describe('A file with it, read anew when it changes; wins.'),
  client_secret: opaque().describe('The secret that proves it.').optional(),
  client_secret_file: text()
    .default('')
    .describe('A file with it, read anew when it changes; wins.'),
  token_url: text().default('').describe('Where tokens come from.'),
  scopes: list(text()).describe('What the token is for.'),
  endpoint_params: map(list(text())).describe('More parameters of the request for a token.'),
  grant_type: enumOf(
    ['', 'client_credentials'],
    (found) => `grant_type ${JSON.stringify(found)} is not supported by weir`,
  )
    .default('')
    .describe('client_credentials, also if empty.'),
  timeout: duration().min(0).default(0).describe('Of a request for a token; 0 is 30s.'),
  expiry_buffer: duration()
    .min(0)
    .default(300_000)
    .describe('So long before its end a token is replaced.'),
  tls: tlsClientFields,
})
  .check(
    ({ client_id, client_id_file }) =>
      client_id === '' &&
      client_id_file === '' &&
      'no ClientID provided in the OAuth2 exporter configuration',
  )
  .check(
    ({ client_secret, client_secret_file }) =>
      (client_secret?.reveal() ?? '') === '' &&
      client_secret_file === '' &&
      'no ClientSecret provided in the OAuth2 exporter configuration',
  )
  .check(
    ({ token_url }) =>
      token_url === '' && 'no TokenURL provided in OAuth Client Credentials configuration',
  )
  .check(
    ({ token_url: url }) =>
      url !== '' && !URL.canParse(url) && `token_url ${JSON.stringify(url)} is no URL`,
    'token_url',
  )

export type OAuth2Config = Infer<typeof schema>
