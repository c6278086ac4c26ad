/**
 * Query keys whose values are credentials. The first seven are those of the semantic conventions, the others what
 * applications commonly put into a query although they should not.
 */
export const SENSITIVE_QUERY_PARAMETERS: readonly string[] = [
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'access_token',
  'api_key',
  'apikey',
  'auth',
  'card',
  'client_secret',
  'id_token',
  'jwt',
  'otp',
  'passwd',
  'password',
  'pwd',
  'refresh_token',
  'secret',
  'ssn',
  'token',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
  'x-goog-credential',
  'x-goog-signature',
]

const REDACTED = 'REDACTED'

/** Rewrites a query, without its question mark. */
export interface Redact {
  (query: string): string
  /** False when the query from `from` to `to` stays as it is; true when it may not. */
  mayChange(bytes: Uint8Array, from: number, to: number): boolean
}

/**
 * Values of the given keys become REDACTED; keys and all else stay as they are. A key matches as it is, percent-decoded,
 * or in lower case: more is hidden than the conventions ask for, never less.
 * Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/ (url.query)
 */
export function redactor(keys: readonly string[]): Redact {
  const sensitive = new Set(keys)
  const isSensitive = (key: string) => {
    if (sensitive.has(key) || sensitive.has(key.toLowerCase())) return true
    if (!key.includes('%')) return false
    const decoded = decode(key)
    return sensitive.has(decoded) || sensitive.has(decoded.toLowerCase())
  }
  const redact = (query: string) => {
    let redacted = ''
    let copied = 0
    let start = 0
    while (start < query.length) {
      let end = query.indexOf('&', start)
      if (end < 0) end = query.length
      const equals = query.indexOf('=', start)
      if (equals >= 0 && equals < end && isSensitive(query.slice(start, equals))) {
        redacted += query.slice(copied, equals + 1) + REDACTED
        copied = end
      }
      start = end + 1
    }
    return copied === 0 ? query : redacted + query.slice(copied)
  }
  return Object.assign(redact, { mayChange: keysByLength(keys) })
}

const PERCENT = 0x25
const AMPERSAND = 0x26
const EQUALS = 0x3d

/** Looks at the keys of a query in place: most have a length, or a first letter, that none of `keys` has. */
function keysByLength(keys: readonly string[]): Redact['mayChange'] {
  const firsts: Uint8Array[] = [] // by length, for each octet: 1 when a key begins with it
  for (const key of keys) {
    firsts[key.length] ??= new Uint8Array(256)
    const table = firsts[key.length] as Uint8Array
    table[key.toLowerCase().charCodeAt(0)] = 1
    table[key.toUpperCase().charCodeAt(0)] = 1
  }
  return (bytes, from, to) => {
    let start = from
    let inKey = true
    for (let i = from; i < to; i++) {
      const octet = bytes[i]
      if (octet === AMPERSAND) {
        start = i + 1
        inKey = true
      } else if (octet === PERCENT && inKey) {
        return true // the key may be another when it is decoded
      } else if (octet === EQUALS && inKey) {
        if (firsts[i - start]?.[bytes[start] as number] === 1) return true
        inKey = false
      }
    }
    return false
  }
}

/** Percent-decoded, or as it was when that makes no sense. */
function decode(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
