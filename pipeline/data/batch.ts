import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { logsCodec, metricsCodec, type SignalCodec, tracesCodec } from '../codec/signal_codec.ts'
import type { ResourceLogs } from './logs.ts'
import type { Change } from './map_attributes.ts'
import type { ResourceMetrics } from './metrics.ts'
import type { Resource } from './resource.ts'
import { DecodedSegment, EncodedSegment, FIELD_1, NO_LOSS, type Segment } from './segment.ts'
import type { ResourceSpans } from './traces.ts'

/** From here on a piece of its own costs less than a copy. */
const LARGE_BYTES = 16 << 10

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

  /** Decodes everything; what `change` gives back as it was keeps its bytes. */
  map(change: (data: R) => R): Batch<R> {
    const segments = this.#segments.map((segment) => {
      const before = segment.data()
      const after = change(before)
      return after === before ? segment : new DecodedSegment(this.codec, after)
    })
    return this.#with(segments)
  }

  /** As `map`, without the resources for which `change` gives nothing. Undefined if none is left. */
  mapKept(change: (data: R) => R | undefined): Batch<R> | undefined {
    const segments = this.#segments.flatMap((segment) => {
      const before = segment.data()
      const after = change(before)
      if (after === undefined) return []
      return after === before ? segment : new DecodedSegment(this.codec, after)
    })
    if (segments.length === 0) return undefined
    const same = segments.length === this.#segments.length
    return same ? this.#with(segments) : new Batch(this.codec, segments)
  }

  /** Without the resources that do not pass the test; their items are not decoded. Undefined if none is left. */
  keepResources(test: (resource: Resource) => boolean): Batch<R> | undefined {
    const segments = this.#segments.filter((segment) => test(segment.resource()))
    if (segments.length === this.#segments.length) return this
    return segments.length === 0 ? undefined : new Batch(this.codec, segments)
  }

  /** The same items of resources that `change` gives; one that it gives back as it was costs nothing. */
  mapResources(change: (resource: Resource) => Resource): Batch<R> {
    const segments = this.#segments.map((segment) => {
      const before = segment.resource()
      const after = change(before)
      return after === before ? segment : segment.withResource(after)
    })
    return this.#with(segments)
  }

  /**
   * Changes the attributes of spans, data points or log records, one list after the other. Of what came as bytes
   * only those lists are decoded, and only the attributes that `change` made are encoded.
   */
  mapAttributes(change: Change): Batch<R> {
    return this.#with(this.#segments.map((segment) => segment.mapAttributes(change)))
  }

  /** The same, with another change for each resource; without one its items stay. */
  mapAttributesBy(changeOf: (resource: Resource) => Change | undefined): Batch<R> {
    const segments = this.#segments.map((segment) => {
      const change = changeOf(segment.resource())
      return change === undefined ? segment : segment.mapAttributes(change)
    })
    return this.#with(segments)
  }

  #with(segments: readonly Segment<R>[]): Batch<R> {
    const same = segments.every((segment, i) => segment === this.#segments[i])
    return same ? this : new Batch(this.codec, segments)
  }

  /** An OTLP Export...ServiceRequest. Encodes once; the bytes are shared, nobody may write to them. */
  toProtobuf(): Uint8Array {
    this.#protobuf ??= this.#encode().bytes
    return this.#protobuf
  }

  /**
   * The same bytes in pieces, to be sent one after the other: what is large and was not touched is there as it came, so a batch of
   * many requests leaves without being copied.
   */
  toPieces(): readonly Uint8Array[] {
    if (this.#protobuf !== undefined) return [this.#protobuf]
    const pieces: Uint8Array[] = []
    writer.reset()
    for (const segment of this.#segments) {
      const body = segment.body()
      if (body === undefined || body.length < LARGE_BYTES) segment.write(writer)
      else {
        writer.head(FIELD_1, body.length)
        pieces.push(writer.toBytes(), body)
        writer.reset()
      }
    }
    if (writer.length > 0) pieces.push(writer.toBytes())
    return pieces
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
