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
export type Redact = (query: string) => string

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
  return (query) => {
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
}

/** Percent-decoded, or as it was when that makes no sense. */
function decode(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
