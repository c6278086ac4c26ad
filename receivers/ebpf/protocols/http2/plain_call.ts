import {
  CONTENT_LENGTH_ABSENT,
  MINOR_HTTP2,
  type RequestHead,
  type TraceHeaders,
} from '../http1/head.ts'
import { contentBytes } from '../http1/plain_exchange.ts'
import { Place } from '../http1/plain_head.ts'
import { PLAIN_METHODS, type PlainTexts } from '../http1/plain_request.ts'
import type { PlainExchange } from '../http1/plain_span.ts'
import type { Scheme } from '../http1/span.ts'
import type { Call, Ending } from './call.ts'
import { partialOf } from './span.ts'

/** Where a text begins, and how long it may be. */
interface Room {
  readonly at: number
  readonly max: number
}

const TARGET: Room = { at: 0, max: 4096 }
const USER_AGENT: Room = { at: TARGET.max, max: 512 }
const HOST: Room = { at: USER_AGENT.at + USER_AGENT.max, max: 512 }
const TRACEPARENT: Room = { at: HOST.at + HOST.max, max: 64 }

const SPACE = 0x20
/** First octet that is not ASCII. */
const NOT_ASCII = 0x80
/** Sizes in place stay below. */
const SIZE_MAX = 2 ** 31

/** A text in its room. What it was the last time need not be written again: of a client most are the same object, from its table. */
class Text extends Place {
  readonly #room: Room
  readonly #least: number
  #text = ''

  /** `least`: no octet of it is below. */
  constructor(room: Room, least = 0) {
    super()
    this.#room = room
    this.#least = least
  }

  /** '' when there is none. */
  get text(): string {
    return this.#text
  }

  /** False when it is not ASCII, or too long. */
  lay(bytes: Uint8Array, text: string): boolean {
    if (text === this.#text) return true
    this.clear()
    this.#text = ''
    const { at, max } = this.#room
    if (text.length > max) return false
    for (let i = 0; i < text.length; i++) {
      const octet = text.charCodeAt(i)
      if (octet < this.#least || octet >= NOT_ASCII) return false
      bytes[at + i] = octet
    }
    if (text === '') return true
    this.start = at
    this.end = at + text.length
    this.#text = text
    return true
  }
}

/** A call that needs nothing special, laid out as plain exchanges of HTTP/1 are written: one object, used again and again. */
export class PlainCall implements PlainExchange, PlainTexts {
  readonly bytes = new Uint8Array(TRACEPARENT.at + TRACEPARENT.max)
  readonly request = { firstNs: 0 }
  readonly response = { lastNs: 0, status: 0, contentLength: 0 }
  tgid = 0
  method = 0
  readonly target = new Text(TARGET, SPACE + 1)
  pathEnd = 0
  readonly host = new Text(HOST)
  readonly userAgent = new Text(USER_AGENT)
  readonly traceparent = new Text(TRACEPARENT)
  forwarded = false
  readonly minor = MINOR_HTTP2
  hasContentLength = false
  contentLength = 0
  partial = ''

  /** False: it takes more than this. `scheme`: what its connection says. */
  lay(call: Call, ending: Ending, scheme: Scheme): boolean {
    const { request, response } = call
    const isWhole = ending.failure === '' && ending.code === undefined
    if (!isWhole || response === undefined || !call.responseEnded) return false
    if (request.head.shown !== undefined || response.head.shown !== undefined) return false
    const isOther = request.scheme !== scheme && /^https?$/.test(request.scheme)
    if (isOther || !this.#layHead(request.head)) return false
    this.request.firstNs = call.startNs
    this.response.lastNs = ending.endNs
    this.tgid = call.responseTgid
    this.partial = partialOf(call)
    this.hasContentLength =
      call.requestBytes > 0 || request.head.contentLength !== CONTENT_LENGTH_ABSENT
    this.contentLength = call.requestBytes
    this.response.status = response.head.status
    this.response.contentLength = call.responseBytes
    return (
      response.head.status >= 200 &&
      call.requestBytes < SIZE_MAX &&
      call.responseBytes < SIZE_MAX &&
      contentBytes(this.method, this.response) === call.responseBytes
    )
  }

  #layHead({ method, target, host, userAgent, trace, forwarded }: RequestHead): boolean {
    this.method = PLAIN_METHODS.indexOf(method)
    if (this.method < 0 || !target.startsWith('/')) return false
    const { bytes } = this
    const traceparent = trace?.traceparent ?? ''
    if (trace !== undefined && !isTraceparentAlone(trace)) return false
    this.forwarded = forwarded !== undefined
    const question = target.indexOf('?')
    this.pathEnd = question < 0 ? target.length : question
    return (
      this.target.lay(bytes, target) &&
      this.host.lay(bytes, host) &&
      this.userAgent.lay(bytes, userAgent) &&
      this.traceparent.lay(bytes, traceparent)
    )
  }
}

const isTraceparentAlone = (trace: TraceHeaders): boolean =>
  trace.traceparents === 1 &&
  trace.tracestate === '' &&
  trace.b3 === '' &&
  trace.b3TraceId === '' &&
  trace.b3SpanId === '' &&
  trace.b3Sampled === '' &&
  trace.b3Flags === ''
