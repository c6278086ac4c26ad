import { ProtobufReader } from '../../pipeline/codec/protobuf_reader.ts'
import {
  type Annotation,
  type Endpoint,
  parentIdOf,
  type SpanV2,
  spanIdOf,
  traceIdOf,
  ZipkinFault,
} from './model.ts'

const KINDS = ['', 'CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER'] as const

/** Source: https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto, ListOfSpans. Throws `ZipkinFault`. */
export function readProtobufV2(bytes: Buffer): readonly SpanV2[] {
  const reader = new ProtobufReader(bytes)
  const spans: Raw[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) spans.push(nested(reader, readSpan))
    else reader.skip(tag, 0b10)
  }
  if (reader.fault !== undefined) throw new ZipkinFault(`no protobuf: ${reader.fault}`)
  return spans.map(({ traceId, id, parentId, ...span }) => ({
    ...span,
    traceId: traceIdOf(traceId),
    id: spanIdOf(id),
    parentId: parentIdOf(parentId),
  }))
}

type Raw = { -readonly [K in keyof SpanV2]: SpanV2[K] }

function nested<T>(reader: ProtobufReader, read: (reader: ProtobufReader) => T): T {
  const outer = reader.enter()
  const value = read(reader)
  reader.leave(outer)
  return value
}

const hexOf = (reader: ProtobufReader): string => Buffer.from(reader.bytes()).toString('hex')

function readSpan(reader: ProtobufReader): Raw {
  const annotations: Annotation[] = []
  const tags = new Map<string, string>()
  const span: Raw = { ...EMPTY, annotations, tags }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) span.traceId = hexOf(reader)
    else if (tag === 0x12) span.parentId = hexOf(reader)
    else if (tag === 0x1a) span.id = hexOf(reader)
    else if (tag === 0x20) span.kind = KINDS[reader.uint32()] ?? ''
    else if (tag === 0x2a) span.name = reader.string()
    else if (tag === 0x31) span.timestamp = BigInt(reader.fixed64()) || undefined
    else if (tag === 0x38) span.duration = BigInt(reader.uint64())
    else if (tag === 0x42) span.local = nested(reader, readEndpoint)
    else if (tag === 0x4a) span.remote = nested(reader, readEndpoint)
    else if (tag === 0x52) annotations.push(nested(reader, readAnnotation))
    else if (tag === 0x5a) nested(reader, (inner) => readTag(inner, tags))
    else reader.skip(tag, 0b1111_1111_1110)
  }
  return span
}

const EMPTY: SpanV2 = {
  traceId: '',
  id: '',
  parentId: '',
  name: '',
  kind: '',
  timestamp: undefined,
  duration: 0n,
  local: undefined,
  remote: undefined,
  annotations: [],
  tags: new Map(),
}

function readEndpoint(reader: ProtobufReader): Endpoint {
  const endpoint = { serviceName: '', ipv4: '', ipv6: '', port: 0 }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) endpoint.serviceName = reader.string()
    else if (tag === 0x12) endpoint.ipv4 = ipv4Text(reader.bytes())
    else if (tag === 0x1a) endpoint.ipv6 = ipv6Text(reader.bytes())
    else if (tag === 0x20) endpoint.port = reader.int32()
    else reader.skip(tag, 0b11110)
  }
  return endpoint
}

function readAnnotation(reader: ProtobufReader): Annotation {
  const annotation = { timestamp: 0n, value: '', endpoint: undefined }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x09) annotation.timestamp = BigInt(reader.fixed64())
    else if (tag === 0x12) annotation.value = reader.string()
    else reader.skip(tag, 0b110)
  }
  return annotation
}

function readTag(reader: ProtobufReader, tags: Map<string, string>): void {
  let [key, value] = ['', '']
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) key = reader.string()
    else if (tag === 0x12) value = reader.string()
    else reader.skip(tag, 0b110)
  }
  tags.set(key, value)
}

/** '' for what is no address. */
export const ipv4Text = (bytes: Uint8Array): string => (bytes.length === 4 ? bytes.join('.') : '')

export function ipv6Text(bytes: Uint8Array): string {
  if (bytes.length !== 16) return ''
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
