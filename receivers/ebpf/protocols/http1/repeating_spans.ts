import type { Connection, Paired } from '../../protocol.ts'
import { written } from './kept_span.ts'
import { repeatOf } from './plain_repeats.ts'
import type { PlainRequest } from './plain_request.ts'
import type { PlainResponse } from './plain_response.ts'
import type { PlainSpans } from './plain_span.ts'

/** Spans of plain exchanges of HTTP/1. Who says the same once more gets the last span with other ids and times. */
export class RepeatingSpans {
  readonly #connection: Connection
  readonly #spans: PlainSpans

  constructor(connection: Connection, spans: PlainSpans) {
    this.#connection = connection
    this.#spans = spans
  }

  /** The connection's last exchange once more, without reading its heads: whether that was the last. Undefined: it is another one. */
  again(paired: Paired): boolean | undefined {
    const repeat = repeatOf(this.#connection)
    if (!repeat.matches(paired, this.#connection)) return undefined
    if (!this.#spans.again(repeat.span, paired)) return undefined
    repeat.used()
    return repeat.isLast
  }

  /** False: it takes more than this, and nothing was done. */
  write(paired: Paired, request: PlainRequest, response: PlainResponse): boolean {
    if (!this.#spans.write(paired, request, response)) return false
    const mayRepeat = request.traceparent.isAbsent && this.#spans.mayRepeat
    if (!mayRepeat || written.w === undefined) return true
    const repeat = repeatOf(this.#connection)
    if (repeat.wants(paired, this.#connection)) repeat.keep(paired, { request, response })
    return true
  }
}
