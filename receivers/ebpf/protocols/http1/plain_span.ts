import type { ProtobufWriter } from '../../../../pipeline/codec/protobuf_writer.ts'
import { cachedString, cacheString } from '../../../../pipeline/codec/string_cache.ts'
import { fixed32, fixed64, len, varint } from '../../../../pipeline/codec/wire.ts'
import type { Attributes } from '../../../../pipeline/data/attributes.ts'
import { StatusCode } from '../../../../pipeline/data/traces.ts'
import type { Example, Recorder } from '../../metrics/recorder.ts'
import type { Connection, EncodedSpans, Paired, StreamHost } from '../../protocol.ts'
import type { Role } from '../../role.ts'
import { writeId } from '../../trace_context/ids.ts'
import { FLAG_SAMPLED } from '../../trace_context/parent.ts'
import { parentBasedAlwaysOn, type Sample } from '../../trace_context/sampling.ts'
import { childFlags, ROOT_FLAGS } from '../../trace_context/span_flags.ts'
import { flagsIn, PARENT_ID_AT, TRACE_ID_AT } from '../../trace_context/traceparent.ts'
import { encoded, KEYS, writeInt, writeText } from './plain_attributes.ts'
import { PlainBlocks } from './plain_blocks.ts'
import { contentBytes } from './plain_exchange.ts'
import type { Place } from './plain_head.ts'
import { partsOf, type Routed } from './plain_parts.ts'
import { repeatOf } from './plain_repeats.ts'
import { PLAIN_METHODS, type PlainRequest } from './plain_request.ts'
import type { PlainResponse } from './plain_response.ts'
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
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
/** In front of an id: its tag and its length. */
const ID_HEAD_BYTES = 2
const IDS_BYTES = ID_HEAD_BYTES + TRACE_ID_BYTES + ID_HEAD_BYTES + SPAN_ID_BYTES
/** Two times, each a tag and eight bytes. */
const TIMES_BYTES = 18
const LOWER_S = 0x73
const LOWER_T = 0x74
type PlainHost = Pick<StreamHost, 'serviceOf' | 'count' | 'recorder' | 'unixTime'>
type PlainOptions = SpanOptions & { readonly sample: Sample }

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
    repeat.writeHeader(w)
    writeId(w, len(1), TRACE_ID_BYTES)
    writeId(w, len(2), SPAN_ID_BYTES)
    repeat.writeName(w)
    this.#writeTimes(w, request.firstNs, response.lastNs)
    repeat.writeRest(w)
    this.#spans.end(tgid)
    return repeat.isLast
  }

  /** False: it takes more than this, and nothing was done. */
  write(paired: Paired, request: PlainRequest, response: PlainResponse): boolean {
    const { bytes, tgid } = paired
    const flags = this.#flags(bytes, request.traceparent)
    const service = this.#host.serviceOf(tgid)
    const sample = service?.settings.sample ?? this.#options.sample
    if ((flags & FLAG_SAMPLED) === 0 || sample !== parentBasedAlwaysOn) return false
    const { recorder } = this.#host
    if (!this.#isSimple(bytes, request) || recorder?.labels.readsHeads === false) return false
    const { role } = this.#connection
    const method = PLAIN_METHODS[request.method] ?? ''
    const path = service === undefined ? '' : pathOf(bytes, request)
    if (service?.routes.onlyOf(path) !== undefined) return false
    const route = routeOf(service, role, method, path, response.status)
    const w = route === undefined ? undefined : this.#spans.begin()
    if (route === undefined) this.#host.count('route_ignored')
    if (route === undefined || w === undefined) return true
    this.#blocks.update(bytes, request)
    const start = this.#spans.isTraced() ? w.begin(len(2), 2) : -1
    if (start >= 0) writeIds(w, bytes, request.traceparent)
    if (recorder !== undefined) {
      const example = recorder.names && start >= 0 ? this.#example(w, start, paired) : undefined
      this.#measure(recorder, paired, request, response, route, example)
    }
    if (start < 0) return true
    const parts = partsOf(role, this.#connection.tls)
    const routed = parts.routes[request.method]?.of(route)
    this.#writeBody(w, paired, request, response, routed)
    w.fixed32(fixed32(16), flags)
    w.end(start, 2)
    this.#spans.end(tgid)
    if (!request.traceparent.isAbsent || recorder !== undefined) return true
    const repeat = repeatOf(this.#connection)
    if (repeat.wants(paired, this.#connection)) {
      const nameAt = start + IDS_BYTES
      const timesAt = nameAt + (routed?.nameAndKind.length ?? 0)
      const places = { start, nameAt, timesAt, restAt: timesAt + TIMES_BYTES }
      repeat.keep(paired, { request, response }, { service, method, path, route }, w, places)
    }
    return true
  }

  /** The ids have just been written from `start` on. */
  #example(w: ProtobufWriter, start: number, { request, response }: Paired): Example {
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
    { request: { firstNs }, response: { lastNs }, tgid }: Paired,
    { method, hasContentLength, contentLength }: PlainRequest,
    response: PlainResponse,
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
    { bytes, request: { firstNs }, response: { lastNs } }: Paired,
    request: PlainRequest,
    response: PlainResponse,
    routed: Routed | undefined,
  ): void {
    const { tls, role } = this.#connection
    const parts = partsOf(role, tls)
    if (routed !== undefined) w.raw(routed.nameAndKind)
    this.#writeTimes(w, firstNs, lastNs)
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
    w.raw(isError(response.status, role) ? STATUS_ERROR : STATUS_UNSET)
  }

  #writeTimes(w: ProtobufWriter, firstNs: number, lastNs: number): void {
    this.#spans.writeTime(w, fixed64(7), firstNs)
    this.#spans.writeTime(w, fixed64(8), Math.max(lastNs, firstNs))
  }

  /** Span.flags; 0 when the traceparent is void, or asks for no span. */
  #flags(bytes: Uint8Array, { start, end, isAbsent }: Place): number {
    if (isAbsent) return ROOT_FLAGS
    const flags = flagsIn(bytes, start, end)
    if ((flags & FLAG_SAMPLED) === 0) return 0
    return childFlags(flags, this.#connection.role === 'server')
  }

  #isSimple(bytes: Uint8Array, request: PlainRequest): boolean {
    const mayName = request.forwarded || this.#connection.proxied !== undefined
    if (mayName && this.#options.trustForwarded) return false
    const { pathEnd, target } = request
    if (this.#options.redact.mayChange(bytes, pathEnd + 1, target.end)) return false
    return request.method !== POST || !mayBeExport(bytes, pathEnd)
  }

  #writeTarget(w: ProtobufWriter, bytes: Uint8Array, { pathEnd, target }: PlainRequest): void {
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
function pathOf(bytes: Uint8Array, { target, pathEnd }: PlainRequest): string {
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

function writeSizes(w: ProtobufWriter, request: PlainRequest, response: PlainResponse): void {
  if (request.hasContentLength) writeInt(w, KEYS.requestBody, request.contentLength)
  writeInt(w, KEYS.responseBody, contentBytes(request.method, response))
}

/** Paths of OTLP end with the name of a signal, or with Export. */
function mayBeExport(bytes: Uint8Array, pathEnd: number): boolean {
  const last = bytes[pathEnd - 1]
  return last === LOWER_S || last === LOWER_T
}
