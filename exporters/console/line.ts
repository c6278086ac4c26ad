import {
  ATTR_CLIENT_ADDRESS,
  ATTR_CLIENT_PORT,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_SERVICE_NAME,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
} from '@opentelemetry/semantic-conventions'
import { type AnyValue, attribute } from '../../pipeline/data/attributes.ts'
import type { ResourceSpans, Span } from '../../pipeline/data/traces.ts'
import { SpanKind, StatusCode } from '../../pipeline/data/traces.ts'

/** Paints text by its meaning; plain where there is no terminal. */
export type Paint = (colour: Colour, text: string) => string

type Colour = 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

const CODES: Record<Colour, number> = { dim: 2, green: 32, yellow: 33, red: 31, cyan: 36 }

export const plain: Paint = (_colour, text) => text
export const coloured: Paint = (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m`

const KINDS: Record<number, string> = {
  [SpanKind.internal]: 'internal',
  [SpanKind.server]: 'server',
  [SpanKind.client]: 'client',
  [SpanKind.producer]: 'producer',
  [SpanKind.consumer]: 'consumer',
}

/** In characters; a longer text moves what follows it, a path or name beyond MAX is cut. */
const WIDTH = { duration: 9, service: 14, kind: 8, protocol: 10, what: 32, status: 3 }
const MAX_TEXT = 200
const MAX_SERVICE = 40

/** Lines of all spans of one resource. */
export function* linesOf(data: ResourceSpans, paint: Paint): Iterable<string> {
  const service = cut(text(attribute(data.resource.attributes, ATTR_SERVICE_NAME)), MAX_SERVICE)
  for (const { spans } of data.scopeSpans) {
    for (const span of spans) yield spanLine(span, service, paint)
  }
}

/** `12:00:01.123  1.24ms  shop  server  HTTP/1.1  GET /items  200  10.0.0.7:51234`, aligned. */
export function spanLine(span: Span, service: string, paint: Paint): string {
  const of = (key: string) => text(attribute(span.attributes, key))
  const partial = of('weir.partial')
  const columns = [
    paint('dim', clock(span.start)),
    duration(span).padStart(WIDTH.duration),
    paint('cyan', (service || '-').padEnd(WIDTH.service)),
    (KINDS[span.kind] ?? '-').padEnd(WIDTH.kind),
    protocol(of).padEnd(WIDTH.protocol),
    what(span, of).padEnd(WIDTH.what),
    status(span, of, paint),
    paint('dim', peer(span, of)),
  ]
  if (partial !== '') columns.push(paint('yellow', `partial: ${partial}`))
  return `${columns.join('  ').trimEnd()}\n`
}

type Lookup = (key: string) => string

/** Attributes that name what is spoken above the network's protocol, of today's conventions and of older ones. */
const SYSTEMS = [
  ATTR_RPC_SYSTEM_NAME,
  ATTR_DB_SYSTEM_NAME,
  'messaging.system',
  'rpc.system',
  'db.system',
]

function protocol(of: Lookup): string {
  for (const key of SYSTEMS) if (of(key) !== '') return of(key)
  const name = of(ATTR_NETWORK_PROTOCOL_NAME) || (of(ATTR_HTTP_REQUEST_METHOD) && 'http')
  const version = of(ATTR_NETWORK_PROTOCOL_VERSION)
  return name === '' ? '-' : [name.toUpperCase(), version].filter(Boolean).join('/')
}

/** Method and path of a request, the name of any other span. */
function what(span: Span, of: Lookup): string {
  const method = of(ATTR_HTTP_REQUEST_METHOD)
  const path = of(ATTR_URL_PATH) || pathOf(of(ATTR_URL_FULL))
  if (method === '' || path === '') return cut(printable(span.name), MAX_TEXT)
  const query = of(ATTR_URL_QUERY)
  return cut(`${method} ${path}${query && `?${query}`}`, MAX_TEXT)
}

function pathOf(full: string): string {
  const url = URL.canParse(full) ? new URL(full) : undefined
  return url === undefined ? full : `${url.pathname}${url.search}`
}

function status(span: Span, of: Lookup, paint: Paint): string {
  const code = of(ATTR_HTTP_RESPONSE_STATUS_CODE)
  const error = span.status.code === StatusCode.error
  const shown = code || of(ATTR_RPC_STATUS_CODE) || (error ? of(ATTR_ERROR_TYPE) || 'error' : '-')
  const colour = error || code >= '5' ? 'red' : code >= '4' ? 'yellow' : 'green'
  return paint(colour, shown.padEnd(WIDTH.status))
}

/** Who was on the other side: of a client span the server, else the client. */
function peer(span: Span, of: Lookup): string {
  const [address, port] =
    span.kind === SpanKind.client || span.kind === SpanKind.producer
      ? [of(ATTR_SERVER_ADDRESS), of(ATTR_SERVER_PORT)]
      : [of(ATTR_CLIENT_ADDRESS), of(ATTR_CLIENT_PORT)]
  if (address !== '') return join(address, port)
  return join(of(ATTR_NETWORK_PEER_ADDRESS), of(ATTR_NETWORK_PEER_PORT))
}

function join(address: string, port: string): string {
  const host = address.includes(':') ? `[${address}]` : address
  return port === '' || address === '' ? host : `${host}:${port}`
}

/** Local time of day, to the millisecond. */
function clock([seconds, nanoseconds]: Span['start']): string {
  const date = new Date(seconds * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const millis = String(Math.floor(nanoseconds / 1e6)).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

function duration({ start, end }: Span): string {
  const ms = (end[0] - start[0]) * 1e3 + (end[1] - start[1]) / 1e6
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)}s`
  return ms >= 1 ? `${ms.toFixed(2)}ms` : `${(ms * 1000).toFixed(0)}us`
}

function text(value: AnyValue | undefined): string {
  if (value === undefined || value.kind === 'empty') return ''
  if (value.kind === 'string') return printable(value.value)
  return value.kind === 'int' || value.kind === 'double' || value.kind === 'bool'
    ? String(value.value)
    : ''
}

/** Bytes of strangers must not reach a terminal as control sequences. */
export function printable(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

const cut = (value: string, max: number) =>
  value.length > max ? `${value.slice(0, max - 1)}…` : value
