import {
  CONTENT_LENGTH_ABSENT,
  CONTENT_LENGTH_INVALID,
  emptyTraceHeaders,
  type Fields,
  type ForwardedHeaders,
  type TraceHeaders,
} from './head.ts'
import { COMMA, matchesToken, SPACE, TAB, TOKEN_LOWER } from './octets.ts'

/** A value that is kept whole is at most this long: the rest of a longer one says nothing more to anyone. */
const VALUE_MAX_BYTES = 4096
/** Digits of a Content-Length: 15 stay below 2^53. */
const LENGTH_MAX_DIGITS = 15

type Keep = (fields: Fields, buf: Buffer, start: number, end: number) => void

const text = (buf: Buffer, start: number, end: number) =>
  buf.toString('latin1', start, Math.min(end, start + VALUE_MAX_BYTES))

const trace = (fields: Fields): TraceHeaders => {
  fields.trace ??= emptyTraceHeaders()
  return fields.trace
}

const forwarded = (fields: Fields): ForwardedHeaders => {
  fields.forwarded ??= { forwarded: '', forwardedFor: '' }
  return fields.forwarded
}

const joined = (before: string, value: string) => (before === '' ? value : `${before},${value}`)

/**
 * A list of equal lengths ("5, 5", or the header twice) is one length; anything else that is not one number is void.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3, item 5
 */
function keepContentLength(fields: Fields, buf: Buffer, start: number, end: number): void {
  let from = start
  while (from <= end) {
    let to = from
    while (to < end && buf[to] !== COMMA) to++
    const length = parseLength(buf, from, to)
    const before = fields.contentLength
    fields.contentLength =
      before === CONTENT_LENGTH_ABSENT || before === length ? length : CONTENT_LENGTH_INVALID
    from = to + 1
  }
}

/** Digits with blanks around them. */
function parseLength(buf: Buffer, start: number, end: number): number {
  let from = start
  let to = end
  while (from < to && isBlank(buf[from])) from++
  while (to > from && isBlank(buf[to - 1])) to--
  if (to === from || to - from > LENGTH_MAX_DIGITS) return CONTENT_LENGTH_INVALID
  let length = 0
  for (let i = from; i < to; i++) {
    const digit = (buf[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return CONTENT_LENGTH_INVALID
    length = length * 10 + digit
  }
  return length
}

function keepTransferEncoding(fields: Fields, buf: Buffer, start: number, end: number): void {
  const codings = text(buf, start, end).toLowerCase()
  const last = codings.slice(codings.lastIndexOf(',') + 1).trim()
  fields.transferEncoding = true
  fields.chunked = last === 'chunked'
}

function keepConnection(fields: Fields, buf: Buffer, start: number, end: number): void {
  let from = start
  while (from < end) {
    while (from < end && (isBlank(buf[from]) || buf[from] === COMMA)) from++
    let to = from
    while (to < end && buf[to] !== COMMA && !isBlank(buf[to])) to++
    if (to - from === CLOSE.length && matchesToken(buf, from, CLOSE)) fields.connectionClose = true
    else if (to - from === KEEP_ALIVE.length && matchesToken(buf, from, KEEP_ALIVE))
      fields.connectionKeepAlive = true
    from = to + 1
  }
}

const CLOSE = 'close'
const KEEP_ALIVE = 'keep-alive'

const KEEP: Readonly<Record<string, Keep>> = {
  host: (fields, buf, start, end) => {
    if (fields.host === '') fields.host = text(buf, start, end)
  },
  'user-agent': (fields, buf, start, end) => {
    fields.userAgent = text(buf, start, end)
  },
  'content-type': (fields, buf, start, end) => {
    fields.contentType = text(buf, start, end)
  },
  'content-length': keepContentLength,
  'transfer-encoding': keepTransferEncoding,
  connection: keepConnection,
  upgrade: (fields, buf, start, end) => {
    fields.upgrade = text(buf, start, end)
  },
  'grpc-status': (fields, buf, start, end) => {
    fields.grpcStatus = text(buf, start, end)
  },
  traceparent: (fields, buf, start, end) => {
    trace(fields).traceparent = text(buf, start, end)
    trace(fields).traceparents++
  },
  tracestate: (fields, buf, start, end) => {
    trace(fields).tracestate = joined(trace(fields).tracestate, text(buf, start, end))
  },
  b3: (fields, buf, start, end) => {
    trace(fields).b3 = text(buf, start, end)
  },
  'x-b3-traceid': (fields, buf, start, end) => {
    trace(fields).b3TraceId = text(buf, start, end)
  },
  'x-b3-spanid': (fields, buf, start, end) => {
    trace(fields).b3SpanId = text(buf, start, end)
  },
  'x-b3-sampled': (fields, buf, start, end) => {
    trace(fields).b3Sampled = text(buf, start, end)
  },
  'x-b3-flags': (fields, buf, start, end) => {
    trace(fields).b3Flags = text(buf, start, end)
  },
  forwarded: (fields, buf, start, end) => {
    forwarded(fields).forwarded = joined(forwarded(fields).forwarded, text(buf, start, end))
  },
  'x-forwarded-for': (fields, buf, start, end) => {
    forwarded(fields).forwardedFor = joined(forwarded(fields).forwardedFor, text(buf, start, end))
  },
}

interface Known {
  readonly name: string
  readonly first: number
  readonly keep: Keep
}

const LONGEST = Math.max(...Object.keys(KEEP).map((name) => name.length))

/** Names by their length: almost every header is dismissed by that and its first letter. */
const BY_LENGTH: readonly (readonly Known[])[] = Array.from({ length: LONGEST + 1 }, (_, length) =>
  Object.entries(KEEP)
    .filter(([name]) => name.length === length)
    .map(([name, keep]) => ({ name, first: name.charCodeAt(0), keep })),
)

/**
 * Keeps one header field if anything needs it. The name is at `[start, colon)`, the value up to `end`,
 * without its line end.
 */
export function keepField(
  fields: Fields,
  buf: Buffer,
  start: number,
  colon: number,
  end: number,
): void {
  const candidates = BY_LENGTH[colon - start]
  if (candidates === undefined) return
  const first = TOKEN_LOWER[buf[start] ?? 0]
  for (let i = 0; i < candidates.length; i++) {
    const known = candidates[i]
    if (known === undefined || known.first !== first || !matchesToken(buf, start, known.name))
      continue
    let from = colon + 1
    let to = end
    while (from < to && isBlank(buf[from])) from++
    while (to > from && isBlank(buf[to - 1])) to--
    known.keep(fields, buf, from, to)
    return
  }
}

const isBlank = (octet: number | undefined) => octet === SPACE || octet === TAB
