import {
  bool,
  enumOf,
  type Infer,
  list,
  object,
  opaque,
  type Schema,
  text,
} from '../../config/fields.ts'
import { expressionFault } from '../../pipeline/regexp.ts'

const HASHES = ['', 'md5', 'sha1', 'sha3', 'hmac-sha256', 'hmac-sha512'] as const

const expressions = (about: string) => list(text().check(patternFault)).describe(about)

const patternFault = (pattern: string): string | undefined =>
  expressionFault([pattern], (_, why) => `error compiling regex in list: ${why}`)

const attributes = (): Schema<readonly string[]> =>
  list(text()).describe('Attributes that hold such statements; bodies of logs are looked at too.')

const database = (about: string) =>
  object({
    enabled: bool().default(false).describe('Whether values are taken out.'),
    attributes: attributes(),
  }).describe(about)

const fields = {
  allow_all_keys: bool()
    .default(false)
    .describe('Whether attributes stay that allowed_keys does not list.'),
  allowed_keys: list(text()).describe('Attributes that stay; without allow_all_keys no others do.'),
  ignored_keys: list(text()).describe('Attributes that stay as they are, whatever else is said.'),
  ignored_key_patterns: expressions('The same by expressions (RE2).'),
  blocked_key_patterns: expressions('Attributes whose names match are masked.'),
  blocked_values: expressions('What matches in a value is masked.'),
  allowed_values: expressions('Values that match stay, though they or their names are blocked.'),
  redact_all_types: bool()
    .default(false)
    .describe('Whether values that are no strings are looked at as well, as text.'),
  hash_function: enumOf(HASHES)
    .anyCase()
    .default('')
    .describe('What takes the place of what is masked; without it ****.'),
  hmac_key: opaque().optional().describe('The key of hmac-sha256 and hmac-sha512.'),
  summary: enumOf(['', 'debug', 'info', 'silent'])
    .default('')
    .describe('debug adds attributes with names and counts of what was done, info with counts.'),
  url_sanitizer: object({
    enabled: bool().default(false).describe('Whether ids in the paths of URLs become *.'),
    attributes: list(text()).describe('Attributes that hold URLs or paths.'),
    sanitize_span_name: bool().default(true).describe('Whether names of HTTP spans do, too.'),
  }).describe('Ids in URLs.'),
  db_sanitizer: object({
    sql: database('Literals of SQL statements.'),
    redis: database('What follows the key in commands of Redis.'),
    valkey: database('The same of Valkey.'),
    memcached: database('What follows the first line of commands.'),
    mongo: database('Values in the JSON of statements.'),
    opensearch: database('Values in the JSON of bodies.'),
    es: database('Values in the JSON of bodies.'),
    sanitize_span_name: bool().default(true).describe('Whether names of database spans, too.'),
  }).describe('Values in statements for databases.'),
}

/** Bytes that the key of an HMAC has at least. */
const KEY_BYTES: Readonly<Record<string, number>> = { 'hmac-sha256': 32, 'hmac-sha512': 64 }

export const schema = object(fields).check(({ hash_function: hash, hmac_key: key }) => {
  const least = KEY_BYTES[hash]
  if (least === undefined) return undefined
  const bytes = Buffer.byteLength(key?.reveal() ?? '')
  if (bytes === 0) return `hmac_key must not be empty when hash_function is "${hash}"`
  return (
    bytes < least &&
    `hmac_key must be at least ${least} bytes long for "${hash}", got ${bytes} bytes`
  )
}, 'hmac_key')

export type RedactionConfig = Infer<typeof schema>
