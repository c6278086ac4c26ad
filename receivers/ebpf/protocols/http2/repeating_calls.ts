import type { Connection } from '../../protocol.ts'
import { KeptSpan } from '../http1/kept_span.ts'
import type { PlainSpans } from '../http1/plain_span.ts'
import type { PlainCall } from './plain_call.ts'

/** A power of two: of more connections, those that come later take the places of others. */
const SLOTS = 256
/** Of a span: 0.25 MiB in all slots, and only connections that repeat themselves have one. */
const ROOM_BYTES = 1024

/** What calls without a parent have to have in common for their spans to differ in ids and times alone. */
class LastCall {
  readonly span = new KeptSpan()
  #room: Uint8Array | undefined
  #owner: Connection | undefined
  #peerAddress = ''
  #localAddress = ''
  #tgid = 0
  #method = 0
  #target = ''
  #host = ''
  #userAgent = ''
  #forwarded = false
  /** -1: it says none. */
  #requestBytes = 0
  #responseBytes = 0
  #status = 0
  #partial = ''

  matches(connection: Connection, call: PlainCall): boolean {
    return (
      this.#owner === connection &&
      this.#target === call.target.text &&
      this.#status === call.response.status &&
      this.#responseBytes === call.response.contentLength &&
      this.#requestBytes === requestBytes(call) &&
      this.#method === call.method &&
      this.#host === call.host.text &&
      this.#userAgent === call.userAgent.text &&
      this.#tgid === call.tgid &&
      this.#partial === call.partial &&
      this.#forwarded === call.forwarded &&
      this.#peerAddress === connection.peerAddress &&
      this.#localAddress === connection.localAddress
    )
  }

  note(connection: Connection, call: PlainCall): void {
    this.span.forget()
    this.#owner = connection
    this.#peerAddress = connection.peerAddress
    this.#localAddress = connection.localAddress
    this.#tgid = call.tgid
    this.#method = call.method
    this.#target = call.target.text
    this.#host = call.host.text
    this.#userAgent = call.userAgent.text
    this.#forwarded = call.forwarded
    this.#requestBytes = requestBytes(call)
    this.#responseBytes = call.response.contentLength
    this.#status = call.response.status
    this.#partial = call.partial
  }

  /** The span of the call was written last. */
  keep(): void {
    this.#room ??= new Uint8Array(ROOM_BYTES)
    this.span.keep(this.#room, 0)
  }
}

const requestBytes = ({ hasContentLength, contentLength }: PlainCall): number =>
  hasContentLength ? contentLength : -1

const slots = Array.from({ length: SLOTS }, () => new LastCall())

/** Spans of plain calls of HTTP/2. Who asks the same once more and hears the same gets the last span with other ids and times. */
export class RepeatingCalls {
  readonly #connection: Connection
  readonly #spans: PlainSpans

  constructor(connection: Connection, spans: PlainSpans) {
    this.#connection = connection
    this.#spans = spans
  }

  /** False: it takes more than this, and nothing was done. */
  write(call: PlainCall): boolean {
    const mayRepeat = call.traceparent.isAbsent && this.#spans.mayRepeat
    if (!mayRepeat) return this.#spans.write(call, call, call.response)
    const last = slots[this.#connection.id & (SLOTS - 1)] as LastCall
    const isSame = last.matches(this.#connection, call)
    if (isSame && this.#spans.again(last.span, call)) return true
    last.note(this.#connection, call)
    if (!this.#spans.write(call, call, call.response)) return false
    if (isSame) last.keep()
    return true
  }
}
