import type { Resource, Scope } from '../data/resource.ts'
import { decodeResource, decodeScope, fields, NO_RESOURCE, NO_SCOPE } from './decode_common.ts'
import { encodeResource, encodeScope, text } from './encode_common.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { len } from './wire.ts'

// ResourceSpans, ResourceMetrics and ResourceLogs have one form, and so have ScopeSpans and its like:
// 1 = resource or scope, 2 = members, 3 = schema URL. Source: opentelemetry/proto/{trace,metrics,logs}/v1

type Decode<T> = (r: ProtobufReader) => T
type Encode<T> = (w: ProtobufWriter, data: T) => void

const MEMBERS = fields(1, 2, 3)

/** Reads the body of a ResourceSpans or its like, to the end of `r`. `decodeMember` enters one of its scopes. */
export function decodeResourceItems<T>(r: ProtobufReader, decodeMember: Decode<T>) {
  let resource = NO_RESOURCE
  const members: T[] = []
  let schemaUrl = ''
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) resource = decodeResource(r)
    else if (tag === len(2)) members.push(decodeMember(r))
    else if (tag === len(3)) schemaUrl = r.string()
    else r.skip(tag, MEMBERS)
  }
  return { resource, members, schemaUrl }
}

/** Enters and reads a ScopeSpans or its like. `decodeMember` enters one of its items. */
export function decodeScopeItems<T>(r: ProtobufReader, decodeMember: Decode<T>) {
  let scope = NO_SCOPE
  const members: T[] = []
  let schemaUrl = ''
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === len(1)) scope = decodeScope(r)
    else if (tag === len(2)) members.push(decodeMember(r))
    else if (tag === len(3)) schemaUrl = r.string()
    else r.skip(tag, MEMBERS)
  }
  r.leave(outer)
  return { scope, members, schemaUrl }
}

/** Writes a ResourceSpans or its like as field 1 of a request. `encodeMember` writes one of its scopes, as field 2. */
export function encodeResourceItems<T>(
  w: ProtobufWriter,
  { resource, schemaUrl }: { readonly resource: Resource; readonly schemaUrl: string },
  members: readonly T[],
  encodeMember: Encode<T>,
): void {
  const start = w.begin(len(1), 4)
  encodeResource(w, len(1), resource)
  for (const member of members) encodeMember(w, member)
  text(w, len(3), schemaUrl)
  w.end(start, 4)
}

/** Writes a ScopeSpans or its like as field 2 of what its resource sent. `encodeMember` writes one item, as field 2. */
export function encodeScopeItems<T>(
  w: ProtobufWriter,
  { scope, schemaUrl }: { readonly scope: Scope; readonly schemaUrl: string },
  members: readonly T[],
  encodeMember: Encode<T>,
): void {
  const start = w.begin(len(2), 4)
  encodeScope(w, len(1), scope)
  for (const member of members) encodeMember(w, member)
  text(w, len(3), schemaUrl)
  w.end(start, 4)
}
