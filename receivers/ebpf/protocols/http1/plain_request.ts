import { CR, LF, matchesToken, SPACE } from './octets.ts'
import { hasText, isField, Place, PlainHead, VERSION_BYTES } from './plain_head.ts'

/** The methods whose exchanges can be plain: CONNECT opens a tunnel. */
export const PLAIN_METHODS = 'GET POST HEAD PUT DELETE PATCH OPTIONS TRACE'.split(' ')

/** First octet that is not ASCII. */
const NOT_ASCII = 0x80
const SLASH = 0x2f
const QUESTION_MARK = 0x3f
/** First letters of the names that matter. */
const [B, C, F, H, T, U, X] = [0x62, 0x63, 0x66, 0x68, 0x74, 0x75, 0x78] as const

/** What a request says that is plain, of any version of HTTP: texts are places in bytes that are lent. */
export interface PlainTexts {
  /** Index in PLAIN_METHODS. */
  readonly method: number
  /** In origin form. */
  readonly target: Place
  /** Where the target's question mark stands, or its end. */
  readonly pathEnd: number
  readonly host: Place
  readonly userAgent: Place
  readonly traceparent: Place
  /** It says whom it was forwarded for. */
  readonly forwarded: boolean
  /** As addNetwork has it. */
  readonly minor: number
  readonly hasContentLength: boolean
  /** Of its content, in bytes, if it has one. */
  readonly contentLength: number
  /** Why its exchange was seen only in part: a reason's name; '' when it was not. */
  readonly partial: string
}

/** A request in origin form, with one of PLAIN_METHODS. */
export class PlainRequest extends PlainHead implements PlainTexts {
  /** Index in PLAIN_METHODS. */
  method = 0
  readonly target = new Place()
  /** Where the target's question mark stands, or its end. */
  pathEnd = 0
  readonly host = new Place()
  readonly userAgent = new Place()
  readonly traceparent = new Place()
  /** It says whom it was forwarded for. */
  forwarded = false
  readonly partial = ''

  read(buf: Uint8Array, start: number, limit: number): boolean {
    const method = methodAt(buf, start)
    if (method < 0) return false
    this.method = method
    const targetStart = start + (PLAIN_METHODS[method]?.length ?? 0) + 1
    const targetEnd = this.#readTarget(buf, targetStart, limit)
    if (targetEnd < 0 || !this.readVersion(buf, targetEnd + 1, limit)) return false
    this.host.clear()
    this.userAgent.clear()
    this.traceparent.clear()
    this.forwarded = false
    const versionEnd = targetEnd + 1 + VERSION_BYTES
    const lineEnd = buf[versionEnd] === CR ? versionEnd + 1 : versionEnd
    if (lineEnd >= limit || buf[lineEnd] !== LF || !this.readLines(buf, lineEnd + 1, limit))
      return false
    return isAscii(buf, this.host) && isAscii(buf, this.userAgent)
  }

  /** Returns where it ends, or -1. */
  #readTarget(buf: Uint8Array, start: number, limit: number): number {
    if (start >= limit || buf[start] !== SLASH) return -1
    let at = start
    let pathEnd = 0
    for (; at < limit; at++) {
      const octet = buf[at] as number
      if (octet <= SPACE || octet >= NOT_ASCII) break
      if (octet === QUESTION_MARK && pathEnd === 0) pathEnd = at
    }
    if (at >= limit || buf[at] !== SPACE) return -1
    this.target.start = start
    this.target.end = at
    this.pathEnd = pathEnd === 0 ? at : pathEnd
    return at
  }

  protected override readLine(buf: Uint8Array, start: number, end: number): boolean {
    switch ((buf[start] ?? 0) | 0x20) {
      case H:
        return !isField(buf, start, end, 'host') || this.host.take(buf, start + 5, end)
      case U:
        if (isField(buf, start, end, 'user-agent')) {
          return this.userAgent.take(buf, start + 11, end)
        }
        return true
      case C:
        if (isField(buf, start, end, 'content-length')) {
          return this.takeLength(buf, start + 15, end)
        }
        return !isField(buf, start, end, 'content-type') || !isGrpcWeb(buf, start + 13)
      case T:
        if (isField(buf, start, end, 'traceparent')) {
          return this.traceparent.take(buf, start + 12, end)
        }
        return (
          !isField(buf, start, end, 'transfer-encoding') && !isField(buf, start, end, 'tracestate')
        )
      case B:
        return !isField(buf, start, end, 'b3')
      case X:
        if (isField(buf, start, end, 'x-forwarded-for')) this.forwarded = true
        return !matchesToken(buf, start, 'x-b3-')
      case F:
        if (isField(buf, start, end, 'forwarded')) this.forwarded = true
        return true
      default:
        return true
    }
  }
}

/** Such a call's status is in its content. */
const isGrpcWeb = (buf: Uint8Array, at: number) =>
  hasText(buf, buf[at] === SPACE ? at + 1 : at, 'application/grpc-web')

/** Index in PLAIN_METHODS of the method, with its space, at `at`; else -1. */
function methodAt(buf: Uint8Array, at: number): number {
  for (let i = 0; i < PLAIN_METHODS.length; i++) {
    const method = PLAIN_METHODS[i] as string
    if (buf[at + method.length] === SPACE && hasText(buf, at, method)) return i
  }
  return -1
}

function isAscii(buf: Uint8Array, { start, end }: Place): boolean {
  for (let i = start; i < end; i++) if ((buf[i] as number) >= NOT_ASCII) return false
  return true
}
