import {
  CONTENT_LENGTH_ABSENT,
  CONTENT_LENGTH_INVALID,
  emptyTraceHeaders,
  type Fields,
  MINOR_HTTP2,
  type RequestHead,
  type ResponseHead,
  requestHead,
  responseHead,
  type TraceHeaders,
} from '../http1/head.ts'
import { type ShownHeaders, ShownValues } from '../http1/shown_headers.ts'
import type { OnField } from './hpack.ts'

/** What a request's header block says, and what only HTTP/2 has in it. */
export interface Request {
  readonly head: RequestHead
  scheme: string
  /** As sent: `grpc-timeout`. */
  timeout: string
  /** A field was not known: it may be any that is empty here. */
  unknown: boolean
}

/** What a response's header block, and its trailers, say. */
export interface Response {
  readonly head: ResponseHead
  unknown: boolean
}

/** A value that is kept is at most this long. */
const VALUE_MAX = 4096
const LENGTH = /^\d{1,15}$/
const STATUS = /^[1-9]\d\d$/

export const newRequest = (): Request => ({
  head: requestHead('', '', MINOR_HTTP2),
  scheme: '',
  timeout: '',
  unknown: false,
})

const traceOf = (fields: Fields): TraceHeaders => {
  fields.trace ??= emptyTraceHeaders()
  return fields.trace
}

const joined = (before: string, value: string) => (before === '' ? value : `${before},${value}`)

function keepLength(fields: Fields, value: string): void {
  const known = LENGTH.test(value) ? Number(value) : CONTENT_LENGTH_INVALID
  const again = fields.contentLength !== CONTENT_LENGTH_ABSENT && fields.contentLength !== known
  fields.contentLength = again ? CONTENT_LENGTH_INVALID : known
}

type Keep<To> = ReadonlyMap<string, (to: To, value: string) => void>
type TextField<T> = { [K in keyof T]: T[K] extends string ? K : never }[keyof T]

/** The value into a field of the head, or of the headers of the trace. */
const headField =
  (key: TextField<Fields>) =>
  ({ head }: { readonly head: Fields }, value: string): void => {
    head[key] = value
  }
const traceField =
  (key: TextField<TraceHeaders>) =>
  ({ head }: Request, value: string): void => {
    traceOf(head)[key] = value
  }
const forwarded =
  (key: 'forwarded' | 'forwardedFor') =>
  ({ head }: Request, value: string): void => {
    head.forwarded ??= { forwarded: '', forwardedFor: '' }
    head.forwarded[key] = joined(head.forwarded[key], value)
  }
const length = ({ head }: { readonly head: Fields }, value: string): void => keepLength(head, value)

const REQUEST: Keep<Request> = new Map<string, (to: Request, value: string) => void>([
  [
    ':method',
    ({ head }, value) => {
      head.method = value
    },
  ],
  [
    ':path',
    ({ head }, value) => {
      head.target = value
    },
  ],
  [
    ':scheme',
    (to, value) => {
      to.scheme = value
    },
  ],
  [
    'grpc-timeout',
    (to, value) => {
      to.timeout = value
    },
  ],
  [
    'host',
    ({ head }, value) => {
      head.host ||= value
    },
  ],
  [
    'traceparent',
    ({ head }, value) => {
      const headers = traceOf(head)
      headers.traceparent = value
      headers.traceparents++
    },
  ],
  [
    'tracestate',
    ({ head }, value) => {
      const headers = traceOf(head)
      headers.tracestate = joined(headers.tracestate, value)
    },
  ],
  [':authority', headField('host')],
  ['user-agent', headField('userAgent')],
  ['content-type', headField('contentType')],
  ['content-length', length],
  ['b3', traceField('b3')],
  ['x-b3-traceid', traceField('b3TraceId')],
  ['x-b3-spanid', traceField('b3SpanId')],
  ['x-b3-sampled', traceField('b3Sampled')],
  ['x-b3-flags', traceField('b3Flags')],
  ['forwarded', forwarded('forwarded')],
  ['x-forwarded-for', forwarded('forwardedFor')],
])

const RESPONSE: Keep<Response> = new Map<string, (to: Response, value: string) => void>([
  [
    ':status',
    ({ head }, value) => {
      if (STATUS.test(value)) head.status = Number(value)
    },
  ],
  ['grpc-status', headField('grpcStatus')],
  ['content-type', headField('contentType')],
  ['content-length', length],
])

const into =
  <To extends { unknown: boolean }>(
    to: To,
    keep: Keep<To>,
    shown: ShownValues | undefined,
  ): OnField =>
  (name, said) => {
    if (name === undefined) {
      to.unknown = true
      return
    }
    const value = said.length > VALUE_MAX ? said.slice(0, VALUE_MAX) : said
    keep.get(name)?.(to, value)
    shown?.add(name, value)
  }

/** Passes on the fields of a block; false when it makes no sense. */
type Decode = (onField: OnField) => boolean

export function readRequest(decode: Decode, shown?: ShownHeaders): Request | undefined {
  const request = newRequest()
  const values = shown && new ShownValues(shown, 'request')
  if (!decode(into(request, REQUEST, values))) return undefined
  request.head.complete = !request.unknown
  request.head.shown = values?.attributes()
  return request
}

export function readResponse(decode: Decode, shown?: ShownHeaders): Response | undefined {
  const response: Response = { head: responseHead(0, MINOR_HTTP2), unknown: false }
  const values = shown && new ShownValues(shown, 'response')
  if (!decode(into(response, RESPONSE, values))) return undefined
  response.head.shown = values?.attributes()
  return response
}

/** Trailers, into the response that they end. */
export const readTrailers = (decode: Decode, response: Response): Response | undefined =>
  decode(into(response, RESPONSE, undefined)) ? response : undefined
