import { decodeResource, NO_RESOURCE } from '../codec/decode_common.ts'
import { divideBytes } from '../codec/divide_bytes.ts'
import { encodeResource } from '../codec/encode_common.ts'
import { mapAttributesInBytes } from '../codec/map_bytes.ts'
import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import type { SignalCodec } from '../codec/signal_codec.ts'
import type { Change } from './map_attributes.ts'
import type { Resource } from './resource.ts'

/**
 * What one resource sent, as bytes, decoded, or both. Immutable: a processor that changes something makes
 * another segment, so batches can share them.
 */
export interface Segment<R> {
  /** Spans, data points or log records. */
  readonly count: number
  /** Decodes at most once. */
  data(): R
  /** Decodes the resource alone. */
  resource(): Resource
  /** The same items of another resource; bytes of items are not touched. */
  withResource(resource: Resource): Segment<R>
  /** Spans, data points or log records with other attributes; the very segment if `change` gives all back as they were. */
  mapAttributes(change: Change): Segment<R>
  /** Its bytes, without tag and length, if nobody changed them. */
  body(): Uint8Array | undefined
  /** Writes it as field 1 of a request: bytes that nobody touched are copied. */
  write(writer: ProtobufWriter): void
  /** Divides after `at` items, 0 < at < count. */
  divide(at: number): readonly [head: Segment<R>, tail: Segment<R>]
}

/** A segment that was never bytes, or whose items were changed. */
export class DecodedSegment<R> implements Segment<R> {
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

  resource(): Resource {
    return this.#codec.resource(this.#data)
  }

  withResource(resource: Resource): Segment<R> {
    return new DecodedSegment(this.#codec, this.#codec.withResource(this.#data, resource))
  }

  mapAttributes(change: Change): Segment<R> {
    return new DecodedSegment(this.#codec, this.#codec.mapAttributes(this.#data, change))
  }

  body(): undefined {
    return undefined
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
export const NO_LOSS: OnLoss = () => undefined

/** The bytes of one resource as they came: tag, length and body. Passed on untouched unless somebody looks. */
export class EncodedSegment<R> implements Segment<R> {
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

  resource(): Resource {
    return this.#data === undefined ? resourceOf(this.#body) : this.#codec.resource(this.#data)
  }

  withResource(resource: Resource): Segment<R> {
    const body = replaceResource(this.#body, resource)
    return new EncodedSegment(this.#codec, body, this.count, this.#onLoss)
  }

  /** Without decoding items, unless somebody has. */
  mapAttributes(change: Change): Segment<R> {
    if (this.#data !== undefined) {
      return new DecodedSegment(this.#codec, this.#codec.mapAttributes(this.#data, change))
    }
    const mapped = mapAttributesInBytes(this.#body, this.#codec.root, change)
    this.#report(mapped)
    if (mapped.body === this.#body) return this
    return new EncodedSegment(this.#codec, mapped.body, this.count, this.#onLoss)
  }

  body(): Uint8Array {
    return this.#body
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
    this.#report(reader)
    return data
  }

  #report({ repaired, tooDeep }: { readonly repaired: number; readonly tooDeep: number }): void {
    if (repaired > 0) this.#onLoss('invalid_utf8', repaired)
    if (tooDeep > 0) this.#onLoss('attribute_nested_too_deep', tooDeep)
  }
}

/** In a request each ResourceSpans and its like, in those the resource. */
export const FIELD_1 = 0x0a

const writer = new ProtobufWriter()

/** The resource in the body of a ResourceSpans or its like; the last one, if there are several. */
export function resourceOf(body: Uint8Array): Resource {
  const r = new ProtobufReader(body)
  let resource = NO_RESOURCE
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === FIELD_1) resource = decodeResource(r)
    else r.skip(tag, 0)
  }
  return resource
}

/** The body with the new resource, then all other fields as they were. */
export function replaceResource(body: Uint8Array, resource: Resource): Uint8Array {
  writer.reset()
  encodeResource(writer, FIELD_1, resource)
  const r = new ProtobufReader(body)
  for (let start = 0; !r.atEnd; start = r.position) {
    const tag = r.tag()
    r.skip(tag, 0)
    if (tag !== FIELD_1) writer.raw(body.subarray(start, r.position))
  }
  return writer.toBytes()
}
