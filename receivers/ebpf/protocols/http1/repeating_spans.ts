import type { Connection, EncodedSpans, Paired } from '../../protocol.ts'
import { repeatOf } from './plain_repeats.ts'
import type { PlainRequest } from './plain_request.ts'
import type { PlainResponse } from './plain_response.ts'
import { type PlainHost, type PlainOptions, PlainSpans, written } from './plain_span.ts'
import { routeOf } from './route.ts'

/** Spans of plain exchanges of HTTP/1. Who says the same once more gets the last span with other ids and times. */
export class RepeatingSpans {
  readonly #connection: Connection
  readonly #host: PlainHost
  readonly #spans: EncodedSpans
  readonly #plain: PlainSpans

  constructor(connection: Connection, host: PlainHost, spans: EncodedSpans, options: PlainOptions) {
    this.#connection = connection
    this.#host = host
    this.#spans = spans
    this.#plain = new PlainSpans(connection, host, spans, options)
  }

  /** The connection's last exchange once more, without reading its heads: whether that was the last. Undefined: it is another one. */
  again(paired: Paired): boolean | undefined {
    const repeat = repeatOf(this.#connection)
    const { told, status } = repeat
    if (told === undefined || !repeat.matches(paired, this.#connection)) return undefined
    const { request, response, tgid } = paired
    if (this.#host.recorder !== undefined || this.#host.serviceOf(tgid) !== told.service)
      return undefined
    const { service, method, path, route } = told
    if (routeOf(service, this.#connection.role, method, path, status) !== route) return undefined
    repeat.used()
    const w = this.#spans.begin()
    if (w === undefined || !this.#spans.isTraced()) return repeat.isLast
    repeat.span.write(w, this.#spans, request.firstNs, response.lastNs)
    this.#spans.end(tgid)
    return repeat.isLast
  }

  /** False: it takes more than this, and nothing was done. */
  write(paired: Paired, request: PlainRequest, response: PlainResponse): boolean {
    if (!this.#plain.write(paired, request, response)) return false
    const { w, service, method, path, route } = written
    const mayRepeat = request.traceparent.isAbsent && this.#host.recorder === undefined
    if (w === undefined || !mayRepeat) return true
    const repeat = repeatOf(this.#connection)
    if (repeat.wants(paired, this.#connection)) {
      repeat.keep(paired, { request, response }, { service, method, path, route })
    }
    return true
  }
}
