import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Infer, int, list, object, text } from '../../config/fields.ts'
import type { Logger } from '../component.ts'

/** `cors` of HTTP servers. Off while no origin is allowed. */
export const corsFields = object({
  allowed_origins: list(text()).describe('Origins that may call; a * stands for any characters.'),
  allowed_headers: list(text()).describe(
    'Request headers that may be sent; none is the safe ones.',
  ),
  exposed_headers: list(text()).describe('Response headers that a page may read.'),
  max_age: int()
    .min(0)
    .default(0)
    .describe('Seconds for which a browser keeps the answer; 0 is its own default.'),
}).describe('Which web pages may send.')

export type CorsConfig = Infer<typeof corsFields>

/** Says that headers alone allow nobody anything. */
export function warnOfCors(log: Logger, config: CorsConfig): void {
  const { allowed_origins, allowed_headers, exposed_headers } = config
  if (allowed_origins.length > 0 || allowed_headers.length + exposed_headers.length === 0) return
  log.warn(
    'The CORS configuration specifies allowed or exposed headers but no allowed origins, and is therefore ignored.',
  )
}

const SAFE_HEADERS = [
  'accept',
  'accept-language',
  'content-language',
  'content-type',
  'origin',
  'x-requested-with',
]

/** Sets the headers of CORS. True if the request was a preflight, which is then answered. Source: https://fetch.spec.whatwg.org */
export function cors(config: CorsConfig) {
  const origins = config.allowed_origins.map(wildcard)
  const headers =
    config.allowed_headers.length === 0
      ? SAFE_HEADERS
      : config.allowed_headers.map((name) => name.toLowerCase())
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { origin } = request.headers
    if (origins.length === 0 || origin === undefined) return false
    response.setHeader('vary', 'Origin')
    const allowed = origins.some((pattern) => pattern.test(origin))
    if (allowed) allow(response, origin, config.exposed_headers)
    const asked = request.headers['access-control-request-method']
    if (request.method !== 'OPTIONS' || asked === undefined) return false
    if (allowed && asked === 'POST' && areAllowed(request, headers)) {
      response.setHeader('access-control-allow-methods', 'POST')
      response.setHeader('access-control-allow-headers', requested(request).join(', '))
      if (config.max_age > 0) response.setHeader('access-control-max-age', config.max_age)
    }
    response.writeHead(204).end()
    return true
  }
}

function allow(response: ServerResponse, origin: string, exposed: readonly string[]): void {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-credentials', 'true')
  if (exposed.length > 0) response.setHeader('access-control-expose-headers', exposed.join(', '))
}

const requested = (request: IncomingMessage): string[] =>
  (request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

const areAllowed = (request: IncomingMessage, headers: readonly string[]): boolean =>
  headers.includes('*') || requested(request).every((name) => headers.includes(name))

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i')
}
