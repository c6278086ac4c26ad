import { isUtf8 } from 'node:buffer'
import { divideBytes } from '../codec/divide_bytes.ts'
import type { JsonLoss } from '../codec/json_decode.ts'
import { JsonReader, parseJson } from '../codec/json_reader.ts'
import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { scan, scanFault } from '../codec/scan.ts'
import { logsCodec, metricsCodec, type SignalCodec, tracesCodec } from '../codec/signal_codec.ts'
import type { ResourceLogs } from './logs.ts'
import type { ResourceMetrics } from './metrics.ts'
import type { ResourceSpans } from './traces.ts'

/**
 * What one resource sent, as bytes, decoded, or both. Immutable: a processor that changes something makes
 * another segment, so batches can share them.
 */
export interface Segment<R> {
  /** Spans, data points or log records. */
  readonly count: number
  /** Decodes at most once. */
  data(): R
  /** Writes it as field 1 of a request: bytes that nobody touched are copied. */
  write(writer: ProtobufWriter): void
  /** Divides after `at` items, 0 < at < count. */
  divide(at: number): readonly [head: Segment<R>, tail: Segment<R>]
}

/** One writer for all: encoding is synchronous and leaves nothing behind. */
const writer = new ProtobufWriter()

/** A list of segments of one signal, immutable for all who see it: the unit that flows through pipelines. */
export class Batch<R> {
  readonly codec: SignalCodec<R>
  #segments: readonly Segment<R>[]
  /** Spans, data points or log records. */
  readonly count: number
  #protobuf: Uint8Array | undefined

  /** `protobuf` is the whole request, if it is there already. */
  constructor(codec: SignalCodec<R>, segments: readonly Segment<R>[], protobuf?: Uint8Array) {
    this.codec = codec
    this.#segments = segments
    this.#protobuf = protobuf
    this.count = segments.reduce((sum, one) => sum + one.count, 0)
  }

  get segments(): readonly Segment<R>[] {
    return this.#segments
  }

  /** The decoded form. */
  resources(): readonly R[] {
    return this.#segments.map((segment) => segment.data())
  }

  /** An OTLP Export...ServiceRequest. Encodes once; the bytes are shared, nobody may write to them. */
  toProtobuf(): Uint8Array {
    this.#protobuf ??= this.#encode().bytes
    return this.#protobuf
  }

  /** Lets go of decoded items and keeps their bytes, some eight times less memory: for what has to wait. */
  compact(): void {
    if (this.#segments.every((segment) => segment instanceof EncodedSegment)) return
    const { bytes, bodies } = this.#encode()
    this.#protobuf = bytes
    this.#segments = this.#segments.map(({ count }, i) => {
      return new EncodedSegment(this.codec, bodies[i] ?? bytes, count, NO_LOSS)
    })
  }

  /** The same in OTLP's JSON. */
  toJson(): string {
    const { jsonMember, toJson } = this.codec
    return JSON.stringify({ [jsonMember]: this.resources().map(toJson) })
  }

  /** One batch with the segments of all, in order. */
  join(others: readonly Batch<R>[]): Batch<R> {
    if (others.length === 0) return this
    const rest = others.flatMap((one) => one.segments)
    return new Batch(this.codec, [...this.#segments, ...rest])
  }

  /** Divides after `at` items; a part may be empty. */
  divide(at: number): readonly [head: Batch<R>, tail: Batch<R>] {
    let left = at
    for (const [index, segment] of this.#segments.entries()) {
      if (left === 0) return this.#cut(index, [], [])
      if (left < segment.count) {
        const [head, tail] = segment.divide(left)
        return this.#cut(index, [head], [tail])
      }
      left -= segment.count
    }
    return this.#cut(this.#segments.length, [], [])
  }

  #cut(index: number, head: Segment<R>[], tail: Segment<R>[]) {
    const rest = this.#segments.slice(index + head.length)
    return [
      new Batch(this.codec, [...this.#segments.slice(0, index), ...head]),
      new Batch(this.codec, [...tail, ...rest]),
    ] as const
  }

  /** `bodies` are the parts of `bytes` without tag and length, one for each segment. */
  #encode(): { readonly bytes: Uint8Array; readonly bodies: readonly Uint8Array[] } {
    writer.reset()
    const ends = this.#segments.map((segment) => {
      segment.write(writer)
      return writer.length
    })
    const bytes = writer.toBytes()
    const bodies = ends.map((end, i) => bodyOf(bytes.subarray(ends[i - 1] ?? 0, end)))
    return { bytes, bodies }
  }
}

/** A field without its tag and length. */
function bodyOf(field: Uint8Array): Uint8Array {
  const r = new ProtobufReader(field)
  r.tag()
  r.length()
  return field.subarray(r.position)
}

export type TraceBatch = Batch<ResourceSpans>
export type MetricBatch = Batch<ResourceMetrics>
export type LogBatch = Batch<ResourceLogs>

/** A segment that was never bytes, or whose items were changed. */
class DecodedSegment<R> implements Segment<R> {
  readonly count: number
  readonly #codec: SignalCodec<R>
  readonly #data: R

  constructor(codec: SignalCodec<R>, data: R) {
    this.#codec = codec
    this.#data = data
    this.count = codec.count(data)
  }

  data(): R {
    return this.#data
  }

  write(writer: ProtobufWriter): void {
    this.#codec.encode(writer, this.#data)
  }

  divide(at: number) {
    const [head, tail] = this.#codec.divide(this.#data, at)
    return [new DecodedSegment(this.#codec, head), new DecodedSegment(this.#codec, tail)] as const
  }
}

/** What decoding had to repair or leave out, for the one who counts it. */
export type OnLoss = (loss: 'invalid_utf8' | 'attribute_nested_too_deep', n: number) => void

/** Our own bytes lose nothing when they are decoded. */
const NO_LOSS: OnLoss = () => undefined

/** The bytes of one resource as they came: tag, length and body. Passed on untouched unless somebody looks. */
class EncodedSegment<R> implements Segment<R> {
  readonly count: number
  readonly #codec: SignalCodec<R>
  readonly #body: Uint8Array
  readonly #onLoss: OnLoss
  #data: R | undefined

  /** Owns `body`, which has passed the scan. */
  constructor(codec: SignalCodec<R>, body: Uint8Array, count: number, onLoss: OnLoss) {
    this.#codec = codec
    this.#body = body
    this.count = count
    this.#onLoss = onLoss
  }

  data(): R {
    this.#data ??= this.#decode()
    return this.#data
  }

  write(writer: ProtobufWriter): void {
    writer.bytes(FIELD_1, this.#body)
  }

  divide(at: number) {
    const [head, tail] = divideBytes(this.#body, this.#codec.root, at)
    return [
      new EncodedSegment(this.#codec, head, at, this.#onLoss),
      new EncodedSegment(this.#codec, tail, this.count - at, this.#onLoss),
    ] as const
  }

  #decode(): R {
    const reader = new ProtobufReader(this.#body)
    const data = this.#codec.decode(reader)
    if (reader.repaired > 0) this.#onLoss('invalid_utf8', reader.repaired)
    if (reader.tooDeep > 0) this.#onLoss('attribute_nested_too_deep', reader.tooDeep)
    return data
  }
}

const FIELD_1 = 0x0a

export type Scanned<R> =
  | { readonly kind: 'batch'; readonly batch: Batch<R> }
  | { readonly kind: 'invalid'; readonly reason: string }

/**
 * A batch of the bytes of an Export...ServiceRequest, which it owns from now on. Checks all of them, so that
 * nobody downstream meets a fault; decodes nothing.
 */
export function scanRequest<R>(
  codec: SignalCodec<R>,
  bytes: Uint8Array,
  onLoss: OnLoss,
): Scanned<R> {
  const segments: Segment<R>[] = []
  const r = new ProtobufReader(bytes)
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== FIELD_1) {
      r.skip(tag, 1 << 1)
      continue
    }
    const length = r.length()
    const start = r.position
    const count = scan(bytes, start, start + length, codec.root)
    if (count < 0) return { kind: 'invalid', reason: scanFault() }
    const body = bytes.subarray(start, start + length)
    segments.push(new EncodedSegment(codec, body, count, onLoss))
    r.advance(length)
  }
  if (r.fault !== undefined) return { kind: 'invalid', reason: r.fault }
  return { kind: 'batch', batch: new Batch(codec, segments, bytes) }
}

/** The same of a request in OTLP's JSON. */
export function readJsonRequest<R>(
  codec: SignalCodec<R>,
  bytes: Uint8Array,
  onLoss: OnLoss,
): Scanned<R> {
  if (!isUtf8(bytes)) onLoss('invalid_utf8', 1)
  const loss: JsonLoss = { tooDeep: 0 }
  try {
    const request = new JsonReader(parseJson(Buffer.from(bytes).toString()), 'request')
    const data = request.objects(codec.jsonMember, (one) => codec.fromJson(one, loss))
    if (loss.tooDeep > 0) onLoss('attribute_nested_too_deep', loss.tooDeep)
    return { kind: 'batch', batch: decoded(codec, data) }
  } catch (error) {
    return { kind: 'invalid', reason: error instanceof Error ? error.message : String(error) }
  }
}

const decoded = <R>(codec: SignalCodec<R>, data: readonly R[]): Batch<R> =>
  new Batch(
    codec,
    data.map((one) => new DecodedSegment(codec, one)),
  )

/** Batches of decoded items, which must not be changed afterwards. */
export const traceBatch = (data: readonly ResourceSpans[]): TraceBatch => decoded(tracesCodec, data)
export const metricBatch = (data: readonly ResourceMetrics[]): MetricBatch =>
  decoded(metricsCodec, data)
export const logBatch = (data: readonly ResourceLogs[]): LogBatch => decoded(logsCodec, data)
