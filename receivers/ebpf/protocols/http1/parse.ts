import { invalid, NEED_MORE, type ParseResult } from '../../protocol.ts'
import { keepField } from './fields.ts'
import {
  type Fields,
  MINOR_UNSEEN,
  type RequestHead,
  type ResponseHead,
  requestHead,
  responseHead,
} from './head.ts'
import { COLON, CR, LF, SPACE, TOKEN_LOWER } from './octets.ts'

/** Real methods are shorter than 20; above this it is not HTTP. */
const METHOD_MAX_BYTES = 32
/** Lines of a head that are looked at: servers refuse far fewer. */
const MAX_LINES = 512

/** `HTTP/1.x`, the last octet being the minor version. */
const VERSION_BYTES = 8

/**
 * Reads a request head that begins at `start`, after any empty lines.
 *
 *     method SP target SP HTTP/1.x CRLF *( name ":" value CRLF ) CRLF
 *
 * `truncated`: the capture ended, nothing follows; then what is there is read as far as it goes (a line without its
 * end is not used), and `complete` is false; NEED_MORE then says that it was cut before anything was told. Else an
 * unfinished head is NEED_MORE. `bytes` counts from `start`.
 * A line may end with a bare LF, and a header line that makes no sense is passed over, as servers do.
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-3
 */
export function parseRequestHead(
  buf: Buffer,
  start: number,
  truncated: boolean,
): ParseResult<RequestHead> {
  const first = skipEmptyLines(buf, start)
  const methodEnd = tokenEnd(buf, first)
  if (methodEnd === buf.length) {
    return NEED_MORE
  }
  if (methodEnd === first || methodEnd - first > METHOD_MAX_BYTES || buf[methodEnd] !== SPACE)
    return invalid('no method')

  const targetStart = methodEnd + 1
  let targetEnd = targetStart
  while (targetEnd < buf.length && (buf[targetEnd] ?? 0) > SPACE) targetEnd++
  if (targetEnd === buf.length && !truncated) return NEED_MORE
  if (targetEnd === targetStart) return invalid('no target')
  const head = requestHead(
    methodAt(buf, first, methodEnd),
    buf.toString('latin1', targetStart, targetEnd),
    MINOR_UNSEEN,
  )
  head.targetComplete = targetEnd < buf.length
  if (!head.targetComplete) return { kind: 'frame', bytes: buf.length - start, frame: head }
  if (buf[targetEnd] !== SPACE) return invalid('no version')
  return readRequest(buf, start, targetEnd + 1, head, truncated)
}

/** The rest of a request head from its version on, at `at`. */
function readRequest(
  buf: Buffer,
  start: number,
  at: number,
  head: RequestHead,
  truncated: boolean,
): ParseResult<RequestHead> {
  const version = isVersion(buf, at)
  if (version === false) return invalid('not HTTP/1')
  const versionEnd = at + VERSION_BYTES
  const line = version === true ? lineEnd(buf, versionEnd) : undefined
  if (line === -1) return invalid('garbage after the version')
  if (version === true) head.minor = (buf[versionEnd - 1] ?? 0) - 0x30
  const end = line === undefined ? -1 : readFields(buf, line, head)
  if (end < 0 && !truncated) return NEED_MORE
  head.complete = end >= 0
  return { kind: 'frame', bytes: (head.complete ? end : buf.length) - start, frame: head }
}

/**
 * Reads a response head that begins at `start`; `truncated` as in `parseRequestHead`. The reason phrase may be
 * missing, with its space.
 *
 *     HTTP/1.x SP 3DIGIT [ SP reason ] CRLF *( name ":" value CRLF ) CRLF
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9112#section-4
 */
export function parseResponseHead(
  buf: Buffer,
  start: number,
  truncated: boolean,
): ParseResult<ResponseHead> {
  const prefix = isVersion(buf, start)
  if (prefix === undefined) return NEED_MORE
  if (!prefix) return invalid('not HTTP/1')
  const statusStart = start + VERSION_BYTES + 1
  const statusEnd = statusStart + 3
  if (buf.length < statusEnd) return NEED_MORE
  if (buf[statusStart - 1] !== SPACE) return invalid('no status')
  const status = threeDigits(buf, statusStart)
  if (status < 100) return invalid('no status')
  const after = buf[statusEnd]
  if (after !== undefined && after !== SPACE && after !== CR && after !== LF)
    return invalid('no status')

  const head = responseHead(status, (buf[start + VERSION_BYTES - 1] ?? 0) - 0x30)
  const newline = buf.indexOf(LF, statusEnd)
  const end = newline < 0 ? -1 : readFields(buf, newline + 1, head)
  if (end < 0 && !truncated) return NEED_MORE
  head.complete = end >= 0
  return { kind: 'frame', bytes: (head.complete ? end : buf.length) - start, frame: head }
}

/** Targets that a request line without its version is believed by: `/path` and `http://`. */
const TARGET_STARTS = /^(\/|https?:\/\/)/
const METHODS = 'GET POST HEAD PUT DELETE PATCH OPTIONS CONNECT TRACE'.split(' ')
const KNOWN_STARTS = METHODS.map((method) => `${method} `)

/**
 * True when a request line of HTTP/1 begins at the front of `buf`. Used where a message may as well be in its middle,
 * so a miss is better than a false hit: a line whose version was not captured needs a known method, too.
 */
export function looksLikeRequest(buf: Buffer): boolean {
  const result = parseRequestHead(buf, 0, true)
  if (result.kind !== 'frame') return false
  const { method, target, minor } = result.frame
  return minor !== MINOR_UNSEEN || (isKnownMethod(method) && TARGET_STARTS.test(target))
}

/** Any method, or what there is of one, and the beginning of a path. */
const METHOD_AND_PATH = /^[A-Z]{1,32}(?: ?$| \/)/

/** As `looksLikeRequest`, or the first bytes of one: a method with a path, or what there is of a known method. */
export function startsLikeRequest(buf: Buffer): boolean {
  if (buf.length === 0) return false
  if (looksLikeRequest(buf)) return true
  if (parseRequestHead(buf, 0, false).kind !== 'need_more') return false
  const start = buf.toString('latin1', 0, METHOD_MAX_BYTES + 2)
  return METHOD_AND_PATH.test(start) || startsLikeMethod(start)
}

/**
 * As `startsLikeRequest`, by a known method only: where nothing is known of what came before, `ET /` may be the rest of a
 * request line, and so may the rest of any method that we do not know.
 */
export const startsLikeKnownRequest = (buf: Buffer): boolean =>
  startsLikeMethod(buf.toString('latin1', 0, METHOD_MAX_BYTES)) && startsLikeRequest(buf)

const startsLikeMethod = (text: string) => KNOWN_STARTS.some((known) => overlaps(known, text))

export const isKnownMethod = (method: string): boolean => METHODS.includes(method)

const overlaps = (a: string, b: string) => a.startsWith(b) || b.startsWith(a)

/** True when a status line of HTTP/1, or the first bytes of one, is at the front of `buf`. */
export const startsLikeResponse = (buf: Buffer): boolean =>
  buf.length > 0 && parseResponseHead(buf, 0, false).kind !== 'invalid'

/** Where the first line that is not empty begins: a robust server passes over CRLF before a request line. */
export function skipEmptyLines(buf: Buffer, start: number): number {
  let at = start
  while (at < buf.length && (buf[at] === CR || buf[at] === LF)) at++
  return at
}

function tokenEnd(buf: Buffer, start: number): number {
  let at = start
  const limit = Math.min(buf.length, start + METHOD_MAX_BYTES + 1)
  while (at < limit && TOKEN_LOWER[buf[at] ?? 0] !== 0) at++
  return at
}

/** Known methods are strings that exist already. */
function methodAt(buf: Buffer, start: number, end: number): string {
  for (const method of METHODS) {
    if (method.length === end - start && hasTextAt(buf, start, method)) return method
  }
  return buf.toString('latin1', start, end)
}

function hasTextAt(buf: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (buf[at + i] !== text.charCodeAt(i)) return false
  }
  return true
}

/** Undefined when too little is there to tell. */
function isVersion(buf: Buffer, at: number): boolean | undefined {
  const there = Math.min(7, buf.length - at)
  for (let i = 0; i < there; i++) {
    if (buf[at + i] !== HTTP_1.charCodeAt(i)) return false
  }
  const minor = buf[at + 7]
  if (there < 7 || minor === undefined) return undefined
  return minor >= 0x30 && minor <= 0x39
}

const HTTP_1 = 'HTTP/1.'

function threeDigits(buf: Buffer, at: number): number {
  let value = 0
  for (let i = at; i < at + 3; i++) {
    const digit = (buf[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** After a line's text: where the next line begins, -1 when the line has more text, undefined when it is cut. */
function lineEnd(buf: Buffer, at: number): number | undefined {
  const next = buf[at] === CR ? at + 1 : at
  if (next >= buf.length) return undefined
  return buf[next] === LF ? next + 1 : -1
}

/** Reads header lines from `at`; returns where the head ends, or -1 when its end is not there. */
function readFields(buf: Buffer, at: number, fields: Fields): number {
  const length = buf.length
  let start = at
  for (let lines = 0; lines < MAX_LINES; lines++) {
    let lf = start
    while (lf < length && buf[lf] !== COLON && buf[lf] !== LF) lf++
    const colon = lf
    while (lf < length && buf[lf] !== LF) lf++
    if (lf >= length) return -1
    const end = lf > start && buf[lf - 1] === CR ? lf - 1 : lf
    if (end === start) return lf + 1
    if (colon < lf) keepField(fields, buf, start, colon, end)
    start = lf + 1
  }
  return -1
}
