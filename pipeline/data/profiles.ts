import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { len } from '../codec/wire.ts'

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
