import {
  ATTR_CLIENT_ADDRESS,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
  HTTP_REQUEST_METHOD_VALUE_OTHER,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../../pipeline/data/attributes.ts'
import { ATTR_WEIR_PARTIAL } from '../../partial.ts'
import type { Connection } from '../../protocol.ts'
import type { Role } from '../../role.ts'
import {
  ATTR_HTTP_REQUEST_BODY_SIZE,
  ATTR_HTTP_REQUEST_SIZE,
  ATTR_HTTP_RESPONSE_BODY_SIZE,
  ATTR_HTTP_RESPONSE_SIZE,
  ATTR_URL_TEMPLATE,
} from '../../semconv.ts'
import type { Exchange } from './exchange.ts'
import { forwardedClient } from './forwarded.ts'
import { CONTENT_LENGTH_ABSENT, MINOR_UNSEEN } from './head.ts'
import type { Redact } from './redact.ts'
import type { RequestUrl } from './url.ts'

export interface SpanOptions {
  readonly redact: Redact
  /** Believe Forwarded, X-Forwarded-For and the PROXY protocol, which any client can send. */
  readonly trustForwarded: boolean
}

/** Everything else is `_OTHER`. Source: the registry's http.request.method */
export const KNOWN_METHODS: ReadonlyMap<string, Attribute> = new Map(
  'CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'
    .split(' ')
    .map((method) => [method, string(ATTR_HTTP_REQUEST_METHOD, method)]),
)
const METHOD_OTHER = string(ATTR_HTTP_REQUEST_METHOD, HTTP_REQUEST_METHOD_VALUE_OTHER)
export type Scheme = 'http' | 'https'

/** The attribute of each. */
export const SCHEMES = {
  http: string(ATTR_URL_SCHEME, 'http'),
  https: string(ATTR_URL_SCHEME, 'https'),
} as const
/** By `minor`. */
const VERSIONS = ['1.0', '1.1', '2'].map((version) =>
  string(ATTR_NETWORK_PROTOCOL_VERSION, version),
)

/** What stands for the method in names of spans: one of ten. */
export const methodName = (method: string): string => (KNOWN_METHODS.has(method) ? method : 'HTTP')

/** `{method} {route}`; the method alone where no route is known: the target is of high cardinality. */
export const spanName = (method: string, route: string): string =>
  route === '' ? methodName(method) : `${methodName(method)} ${route}`

/**
 * The attributes of an exchange by the semantic conventions for HTTP spans: what is required or recommended, and the sizes
 * as far as they are known. Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function spanAttributes(
  exchange: Exchange,
  connection: Connection,
  url: RequestUrl,
  route: string,
  options: SpanOptions,
): Attribute[] {
  const { head } = exchange.request
  const attributes = methodAttributes(head.method)
  if (connection.role === 'server') addServer(attributes, exchange, connection, url, options)
  else addClient(attributes, connection, url, head.target, options)
  if (route !== '') attributes.push(routeAttribute(connection.role, route))
  const seen = head.minor
  addNetwork(attributes, connection, seen === MINOR_UNSEEN ? exchange.response?.head?.minor : seen)
  if (head.userAgent !== '') attributes.push(string(ATTR_USER_AGENT_ORIGINAL, head.userAgent))
  addOutcome(attributes, exchange, connection.role)
  addSizes(attributes, exchange)
  if (head.shown !== undefined) attributes.push(...head.shown)
  const answered = exchange.response?.head?.shown
  if (answered !== undefined) attributes.push(...answered)
  if (exchange.partial !== '') attributes.push(string(ATTR_WEIR_PARTIAL, exchange.partial))
  return attributes
}

/** '' when it was not seen. */
function methodAttributes(method: string): Attribute[] {
  const known = KNOWN_METHODS.get(method)
  if (known !== undefined) return [known]
  return method === '' ? [] : [METHOD_OTHER, string(ATTR_HTTP_REQUEST_METHOD_ORIGINAL, method)]
}

export const routeAttribute = (role: Role, route: string): Attribute =>
  string(role === 'server' ? ATTR_HTTP_ROUTE : ATTR_URL_TEMPLATE, route)

function addServer(
  attributes: Attribute[],
  exchange: Exchange,
  connection: Connection,
  url: RequestUrl,
  options: SpanOptions,
): void {
  const scheme = schemeOf(connection, url)
  attributes.push(SCHEMES[scheme])
  if (url.path !== '') attributes.push(string(ATTR_URL_PATH, url.path))
  if (url.query !== '') attributes.push(string(ATTR_URL_QUERY, options.redact(url.query)))
  addOwnAddress(attributes, connection, url, scheme)
  const forwarded = options.trustForwarded ? forwardedBy(exchange, connection) : ''
  addClientAddress(attributes, forwarded === '' ? connection.peerAddress : forwarded)
}

/** By the request's own headers, which know more proxies, or by the connection's. */
const forwardedBy = ({ request }: Exchange, { proxied }: Connection) =>
  forwardedClient(request.head.forwarded) || (proxied ?? '')

function addClient(
  attributes: Attribute[],
  connection: Connection,
  url: RequestUrl,
  target: string,
  options: SpanOptions,
): void {
  const scheme = schemeOf(connection, url)
  const { host, port } = serverOf(connection, url, scheme)
  const full = fullUrl(scheme, host, port, url, target, options)
  if (full !== '') attributes.push(string(ATTR_URL_FULL, full))
  addServerAddress(attributes, host, port)
}

/** Whom a client asks: by its request, else by its connection. */
export function serverOf(
  connection: Connection,
  url: Pick<RequestUrl, 'host' | 'port'>,
  scheme: Scheme,
): { readonly host: string; readonly port: number } {
  if (url.host === '') {
    return { host: connection.peerAddress, port: url.port || connection.peerPort }
  }
  return { host: url.host, port: url.port || PORTS[scheme] }
}

/** The name by which a server was asked, else its own address. */
export function addOwnAddress(
  attributes: Attribute[],
  connection: Connection,
  url: Pick<RequestUrl, 'host' | 'port'>,
  scheme: Scheme,
): void {
  const known = url.host !== ''
  const host = known ? url.host : connection.localAddress
  addServerAddress(attributes, host, url.port || (known ? PORTS[scheme] : connection.localPort))
}

export function addClientAddress(attributes: Attribute[], address: string): void {
  if (address !== '') attributes.push(string(ATTR_CLIENT_ADDRESS, address))
}

export function addServerAddress(attributes: Attribute[], host: string, port: number): void {
  if (host === '') return
  attributes.push(string(ATTR_SERVER_ADDRESS, host))
  if (port !== 0) attributes.push(int(ATTR_SERVER_PORT, port))
}

/** `minor` of the version of HTTP/1, if it was seen, or MINOR_HTTP2. */
export function addNetwork(
  attributes: Attribute[],
  connection: Connection,
  minor: number | undefined,
): void {
  if (connection.peerAddress !== '') {
    attributes.push(string(ATTR_NETWORK_PEER_ADDRESS, connection.peerAddress))
    attributes.push(int(ATTR_NETWORK_PEER_PORT, connection.peerPort))
  }
  const version = minor === undefined ? undefined : VERSIONS[minor]
  if (version !== undefined) attributes.push(version)
}

function addOutcome(attributes: Attribute[], exchange: Exchange, role: Role): void {
  const status = exchange.response?.head?.status ?? 0
  if (status !== 0) attributes.push(int(ATTR_HTTP_RESPONSE_STATUS_CODE, status))
  addError(attributes, errorType(exchange, role))
}

function addError(attributes: Attribute[], error: string): void {
  if (error !== '') attributes.push(string(ATTR_ERROR_TYPE, error))
}

/** What a status says of an exchange that did not fail otherwise. */
export function statusAttributes(status: number, role: Role): Attribute[] {
  const attributes = [int(ATTR_HTTP_RESPONSE_STATUS_CODE, status)]
  addError(attributes, isError(status, role) ? String(status) : '')
  return attributes
}

/** The server's fault in 5xx, and to a client in 4xx, too. */
export const isError = (status: number, role: Role): boolean =>
  status >= (role === 'server' ? 500 : 400)

/** Body sizes where they are known; else, for a whole message whose framing was not captured, its size on the wire. */
function addSizes(attributes: Attribute[], exchange: Exchange): void {
  const { request, response, failure } = exchange
  const declared = request.framing.kind === 'length' ? request.framing.bytes : undefined
  const requestBody = failure === '' ? (declared ?? request.bodyBytes) : request.bodyBytes
  const hasBody = request.head.chunked || request.head.contentLength !== CONTENT_LENGTH_ABSENT
  if (hasBody && requestBody !== undefined) {
    attributes.push(int(ATTR_HTTP_REQUEST_BODY_SIZE, requestBody))
  } else if (hasBody && request.ended) {
    attributes.push(int(ATTR_HTTP_REQUEST_SIZE, request.bytes))
  }
  if (response?.ended !== true) return
  if (response.bodyBytes !== undefined) {
    attributes.push(int(ATTR_HTTP_RESPONSE_BODY_SIZE, response.bodyBytes))
  } else {
    attributes.push(int(ATTR_HTTP_RESPONSE_SIZE, response.bytes))
  }
}

/** '' for none. An error is what is the span's own side's fault: any failure, 5xx, and to a client 4xx too. */
export function errorType(exchange: Exchange, role: Role): string {
  if (exchange.failure !== '') return exchange.failure
  const status = exchange.response?.head?.status ?? 0
  return isError(status, role) ? String(status) : ''
}

const PORTS = { http: 80, https: 443 } as const

function schemeOf(connection: Connection, url: RequestUrl): Scheme {
  if (url.scheme === 'https' || url.scheme === 'http') return url.scheme
  return connection.tls ? 'https' : 'http'
}

/** Without credentials, and without the port that the scheme implies. */
function fullUrl(
  scheme: Scheme,
  host: string,
  port: number,
  url: RequestUrl,
  target: string,
  options: SpanOptions,
): string {
  if (url.path === '') return target.slice(target.lastIndexOf('@') + 1)
  const query = url.query === '' ? '' : `?${options.redact(url.query)}`
  return `${origin(scheme, host, port)}${url.path === '*' ? '' : url.path}${query}`
}

/** What comes before the path of a URL. */
export function origin(scheme: Scheme, host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${scheme}://${port === 0 || port === PORTS[scheme] ? name : `${name}:${port}`}`
}
