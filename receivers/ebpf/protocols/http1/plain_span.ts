import type { ProtobufWriter } from '../../../../pipeline/codec/protobuf_writer.ts'
import { cachedString, cacheString } from '../../../../pipeline/codec/string_cache.ts'
import { fixed32, len, varint } from '../../../../pipeline/codec/wire.ts'
import type { Attributes } from '../../../../pipeline/data/attributes.ts'
import { StatusCode } from '../../../../pipeline/data/traces.ts'
import type { Example, Recorder } from '../../metrics/recorder.ts'
import type { Connection, EncodedSpans, StreamHost } from '../../protocol.ts'
import type { Role } from '../../role.ts'
import { SPAN_ID_BYTES, TRACE_ID_BYTES, writeId } from '../../trace_context/ids.ts'
import { FLAG_SAMPLED } from '../../trace_context/parent.ts'
import { parentBasedAlwaysOn, type Sample } from '../../trace_context/sampling.ts'
import { childFlags, ROOT_FLAGS } from '../../trace_context/span_flags.ts'
import { flagsIn, PARENT_ID_AT, TRACE_ID_AT } from '../../trace_context/traceparent.ts'
import { type KeptSpan, writeTimes, written } from './kept_span.ts'
import { encoded, KEYS, writeInt, writeText } from './plain_attributes.ts'
import { PlainBlocks } from './plain_blocks.ts'
import { contentBytes } from './plain_exchange.ts'
import type { Place } from './plain_head.ts'
import { partialPart, partsOf } from './plain_parts.ts'
import { PLAIN_METHODS, type PlainTexts } from './plain_request.ts'
import type { PlainOutcome } from './plain_response.ts'
import { routeOf } from './route.ts'
import {
  isError,
  KNOWN_METHODS,
  routeAttribute,
  type SpanOptions,
  statusAttributes,
} from './span.ts'

const EMPTY = Buffer.alloc(0)
const POST = PLAIN_METHODS.indexOf('POST')
/** In front of an id: its tag and its length. */
const ID_HEAD_BYTES = 2
const LOWER_S = 0x73
const LOWER_T = 0x74
type PlainHost = Pick<StreamHost, 'serviceOf' | 'count' | 'recorder' | 'unixTime'>
type PlainOptions = SpanOptions & { readonly sample: Sample }

/** An exchange, and the bytes in which the texts of its request lie. Times are nanoseconds since the agent's epoch. */
export interface PlainExchange {
  readonly bytes: Uint8Array
  readonly request: { readonly firstNs: number }
  readonly response: { readonly lastNs: number }
  readonly tgid: number
}

/**
 * Spans of plain exchanges, straight from the bytes of the heads to those of OTLP. They are what `emitSpan` makes of the same
 * exchange, field by field (plain_span.test.ts).
 */
export class PlainSpans {
  readonly #connection: Connection
  readonly #host: PlainHost
  readonly #spans: EncodedSpans
  readonly #options: PlainOptions
  readonly #blocks: PlainBlocks

  constructor(connection: Connection, host: PlainHost, spans: EncodedSpans, options: PlainOptions) {
    this.#connection = connection
    this.#host = host
    this.#spans = spans
    this.#options = options
    this.#blocks = new PlainBlocks(connection)
  }

  /** False: it takes more than this, and nothing was done. */
  write(exchange: PlainExchange, request: PlainTexts, response: PlainOutcome): boolean {
    const { bytes, tgid } = exchange
    const flags = this.#flags(bytes, request.traceparent)
    const service = this.#host.serviceOf(tgid)
    const sample = service?.settings.sample ?? this.#options.sample
    if ((flags & FLAG_SAMPLED) === 0 || sample !== parentBasedAlwaysOn) return false
    const { recorder } = this.#host
    if (!this.#isSimple(bytes, request) || recorder?.labels.readsHeads === false) return false
    if (recorder !== undefined && request.partial !== '') return false
    const { role } = this.#connection
    const method = PLAIN_METHODS[request.method] ?? ''
    const path = service === undefined ? '' : pathOf(bytes, request)
    if (service?.routes.onlyOf(path) !== undefined) return false
    written.w = undefined
    const route = routeOf(service, role, method, path, response.status)
    const w = route === undefined ? undefined : this.#spans.begin()
    if (route === undefined) this.#host.count('route_ignored')
    if (route === undefined || w === undefined) return true
    this.#blocks.update(bytes, request)
    const start = this.#spans.isTraced() ? w.begin(len(2), 2) : -1
    if (start >= 0) writeIds(w, bytes, request.traceparent)
    if (recorder !== undefined) {
      const example = recorder.names && start >= 0 ? this.#example(w, start, exchange) : undefined
      this.#measure(recorder, exchange, request, response, route, example)
    }
    if (start < 0) return true
    written.w = w
    written.start = start
    written.nameAt = w.length
    written.service = service
    written.method = method
    written.path = path
    written.route = route
    written.status = response.status
    this.#writeBody(w, exchange, request, response, route)
    w.fixed32(fixed32(16), flags)
    w.end(start, 2)
    this.#spans.end(tgid)
    return true
  }

  /** Whether spans can be like others: only where nobody measures. */
  get mayRepeat(): boolean {
    return this.#host.recorder === undefined
  }

  /** The kept span once more, for an exchange that says the same. False: other rules apply to it by now, and nothing was done. */
  again(kept: KeptSpan, { request, response, tgid }: Omit<PlainExchange, 'bytes'>): boolean {
    const { told } = kept
    if (told === undefined || !this.mayRepeat) return false
    const { service, method, path, route, status } = told
    if (this.#host.serviceOf(tgid) !== service) return false
    if (routeOf(service, this.#connection.role, method, path, status) !== route) return false
    const w = this.#spans.begin()
    if (w === undefined || !this.#spans.isTraced()) return true
    kept.write(w, this.#spans, request.firstNs, response.lastNs)
    this.#spans.end(tgid)
    return true
  }

  /** The ids have just been written from `start` on. */
  #example(w: ProtobufWriter, start: number, { request, response }: PlainExchange): Example {
    const traceAt = start + ID_HEAD_BYTES
    const spanAt = traceAt + TRACE_ID_BYTES + ID_HEAD_BYTES
    return {
      traceId: w.hexOf(traceAt, traceAt + TRACE_ID_BYTES),
      spanId: w.hexOf(spanAt, spanAt + SPAN_ID_BYTES),
      time: this.#host.unixTime(Math.max(response.lastNs, request.firstNs)),
    }
  }

  #measure(
    recorder: Recorder,
    { request: { firstNs }, response: { lastNs }, tgid }: PlainExchange,
    { method, hasContentLength, contentLength }: PlainTexts,
    response: PlainOutcome,
    route: string,
    example: Example | undefined,
  ): void {
    const { role } = this.#connection
    const { status } = response
    const labels = this.#blocks
      .labels(recorder)
      .of(route, method, status, () => ownAttributes(role, method, status, route))
    const seconds = Math.max(0, lastNs - firstNs) / 1e9
    const requestBytes = hasContentLength ? contentLength : -1
    recorder.add(labels, tgid, seconds, requestBytes, contentBytes(method, response), example)
  }

  /** What lies between ids and flags. */
  #writeBody(
    w: ProtobufWriter,
    { bytes, request: { firstNs }, response: { lastNs } }: PlainExchange,
    request: PlainTexts,
    response: PlainOutcome,
    route: string,
  ): void {
    const { tls, role } = this.#connection
    const parts = partsOf(role, tls)
    const routed = parts.routes[request.method]?.of(route)
    if (routed !== undefined) w.raw(routed.nameAndKind)
    written.timesAt = w.length
    writeTimes(this.#spans, w, firstNs, lastNs)
    w.raw(parts.methods[request.method] ?? EMPTY)
    this.#writeTarget(w, bytes, request)
    w.raw(this.#blocks.addresses)
    if (routed !== undefined) w.raw(routed.attribute)
    w.raw(this.#blocks.network)
    const { userAgent } = request
    if (userAgent.end > userAgent.start) {
      writeText(w, KEYS.userAgent, EMPTY, bytes, userAgent.start, userAgent.end)
    }
    w.raw(parts.outcome(response.status))
    writeSizes(w, request, response)
    if (request.partial !== '') w.raw(partialPart(request.partial))
    w.raw(isError(response.status, role) ? STATUS_ERROR : STATUS_UNSET)
  }

  /** Span.flags; 0 when the traceparent is void, or asks for no span. */
  #flags(bytes: Uint8Array, { start, end, isAbsent }: Place): number {
    if (isAbsent) return ROOT_FLAGS
    const flags = flagsIn(bytes, start, end)
    if ((flags & FLAG_SAMPLED) === 0) return 0
    return childFlags(flags, this.#connection.role === 'server')
  }

  #isSimple(bytes: Uint8Array, request: PlainTexts): boolean {
    const mayName = request.forwarded || this.#connection.proxied !== undefined
    if (mayName && this.#options.trustForwarded) return false
    const { pathEnd, target } = request
    if (this.#options.redact.mayChange(bytes, pathEnd + 1, target.end)) return false
    return request.method !== POST || !mayBeExport(bytes, pathEnd)
  }

  #writeTarget(w: ProtobufWriter, bytes: Uint8Array, { pathEnd, target }: PlainTexts): void {
    const queryStart = Math.min(pathEnd + 1, target.end)
    const hasQuery = queryStart < target.end
    if (this.#connection.role === 'server') {
      writeText(w, KEYS.path, EMPTY, bytes, target.start, pathEnd)
      if (hasQuery) writeText(w, KEYS.query, EMPTY, bytes, queryStart, target.end)
    } else {
      const end = hasQuery ? target.end : pathEnd
      writeText(w, KEYS.full, this.#blocks.origin, bytes, target.start, end)
    }
  }
}

const STATUS_UNSET = encoded((w) => w.end(w.begin(len(15), 1), 1))
const STATUS_ERROR = encoded((w) => {
  const start = w.begin(len(15), 1)
  w.int32(varint(3), StatusCode.error)
  w.end(start, 1)
})

/** What a request says beside what all of its connection say, as far as it may be a label. */
function ownAttributes(role: Role, method: number, status: number, route: string): Attributes {
  const known = KNOWN_METHODS.get(PLAIN_METHODS[method] ?? '')
  return [
    ...(known === undefined ? [] : [known]),
    ...(route === '' ? [] : [routeAttribute(role, route)]),
    ...statusAttributes(status, role),
  ]
}

/** The path: routes are learned from text. */
function pathOf(bytes: Uint8Array, { target, pathEnd }: PlainTexts): string {
  const { start } = target
  const length = pathEnd - start
  const known = cachedString(bytes, start, length)
  if (known !== undefined) return known
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1')
  cacheString(bytes, start, text, length)
  return text
}

/** `traceparent`: that of a parent, or of none. */
function writeIds(w: ProtobufWriter, bytes: Uint8Array, traceparent: Place): void {
  const { start, isAbsent } = traceparent
  if (isAbsent) writeId(w, len(1), TRACE_ID_BYTES)
  else w.hexSlice(len(1), bytes, start + TRACE_ID_AT, 2 * TRACE_ID_BYTES)
  writeId(w, len(2), SPAN_ID_BYTES)
  if (!isAbsent) w.hexSlice(len(4), bytes, start + PARENT_ID_AT, 2 * SPAN_ID_BYTES)
}

function writeSizes(w: ProtobufWriter, request: PlainTexts, response: PlainOutcome): void {
  if (request.hasContentLength) writeInt(w, KEYS.requestBody, request.contentLength)
  writeInt(w, KEYS.responseBody, contentBytes(request.method, response))
}

/** Paths of OTLP end with the name of a signal, or with Export. */
function mayBeExport(bytes: Uint8Array, pathEnd: number): boolean {
  const last = bytes[pathEnd - 1]
  return last === LOWER_S || last === LOWER_T
}
