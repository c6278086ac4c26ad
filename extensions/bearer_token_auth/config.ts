import { type Infer, list, object, opaque, text } from '../../config/fields.ts'

export const schema = object({
  header: text().default('Authorization').describe('The header that holds it.'),
  scheme: text().default('Bearer').describe('The word before the token; may be empty.'),
  token: opaque().describe('The token.').optional(),
  tokens: list(opaque()).describe('Tokens: servers let each in, clients send the first.'),
  filename: text()
    .default('')
    .describe('A file with tokens, one on each line, read anew when it changes; wins.'),
})
  .check(
    ({ token, tokens, filename }) =>
      token === undefined && tokens.length === 0 && filename === '' && 'no bearer token provided',
  )
  .check(
    ({ token, tokens }) =>
      token !== undefined &&
      tokens.length > 0 &&
      'either tokens or token should be provided, not both',
    'tokens',
  )

export type BearerConfig = Infer<typeof schema>
