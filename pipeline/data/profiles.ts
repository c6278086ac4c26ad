import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { ProtobufWriter } from '../codec/protobuf_writer.ts'
import { len } from '../codec/wire.ts'
import type { Resource } from './resource.ts'
import { FIELD_1, replaceResource, resourceOf } from './segment.ts'

/**
 * An ExportProfilesServiceRequest, kept as the bytes that came. Its profiles refer to the dictionary of their request,
 * so requests are neither divided nor joined; there is no JSON form of it here.
 */
export class ProfileBatch {
  /** Samples. */
  readonly count: number
  readonly #bytes: Uint8Array

  private constructor(bytes: Uint8Array, count: number) {
    this.#bytes = bytes
    this.count = count
  }

  /** Owns `bytes` from now on. Looks at the structure down to samples, so that a cut request is found here. */
  static read(
    bytes: Uint8Array,
  ):
    | { readonly kind: 'batch'; readonly batch: ProfileBatch }
    | { readonly kind: 'invalid'; readonly reason: string } {
    const reader = new ProtobufReader(bytes)
    const count = countSamples(reader, PATH)
    if (reader.fault !== undefined) return { kind: 'invalid', reason: reader.fault }
    return { kind: 'batch', batch: new ProfileBatch(bytes, count) }
  }

  /** The same profiles of resources that `change` gives; where it gives back all as they were, the very batch. */
  mapResources(change: (resource: Resource) => Resource): ProfileBatch {
    const reader = new ProtobufReader(this.#bytes)
    let changed = false
    const parts: Uint8Array[] = []
    for (let start = 0; !reader.atEnd; start = reader.position) {
      const tag = reader.tag()
      const body = tag === FIELD_1 ? reader.bytes() : undefined
      if (body === undefined) reader.skip(tag, 0)
      const before = body && resourceOf(body)
      const after = before && change(before)
      if (body === undefined || after === undefined || after === before) {
        parts.push(this.#bytes.subarray(start, reader.position))
        continue
      }
      changed = true
      parts.push(fieldOf(replaceResource(body, after)))
    }
    return changed ? new ProfileBatch(Buffer.concat(parts), this.count) : this
  }

  /** Without the resources that do not pass the test. Undefined if no profile is left. */
  keepResources(test: (resource: Resource) => boolean): ProfileBatch | undefined {
    const reader = new ProtobufReader(this.#bytes)
    const parts: Uint8Array[] = []
    for (let start = 0; !reader.atEnd; start = reader.position) {
      const tag = reader.tag()
      const body = tag === FIELD_1 ? reader.bytes() : undefined
      if (body === undefined) reader.skip(tag, 0)
      const kept = body === undefined || test(resourceOf(body))
      if (kept) parts.push(this.#bytes.subarray(start, reader.position))
    }
    const bytes = Buffer.concat(parts)
    if (bytes.length === this.#bytes.length) return this
    const count = countSamples(new ProtobufReader(bytes), PATH)
    return count === 0 ? undefined : new ProfileBatch(bytes, count)
  }

  /** Shared; nobody may write to them. */
  toProtobuf(): Uint8Array {
    return this.#bytes
  }

  toPieces(): readonly Uint8Array[] {
    return [this.#bytes]
  }

  /** It is as small as can be already. */
  compact(): void {}

  divide(): never {
    throw new Error('a profiles request cannot be divided')
  }

  join(others: readonly ProfileBatch[]): ProfileBatch {
    if (others.length > 0) throw new Error('profiles requests cannot be joined')
    return this
  }
}

const writer = new ProtobufWriter()

function fieldOf(body: Uint8Array): Uint8Array {
  writer.reset()
  writer.bytes(FIELD_1, body)
  return writer.toBytes()
}

/**
 * Fields that lead to a sample: resource_profiles, scope_profiles, profiles, samples.
 * Source: opentelemetry/proto/profiles/v1development/profiles.proto
 */
const PATH = [len(1), len(2), len(2), len(2)]

function countSamples(r: ProtobufReader, path: readonly number[]): number {
  const [wanted, ...rest] = path
  let count = 0
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== wanted) r.skip(tag, 0)
    else if (rest.length === 0) {
      r.advance(r.length())
      count += 1
    } else {
      const outer = r.enter()
      count += countSamples(r, rest)
      r.leave(outer)
    }
  }
  return count
}
