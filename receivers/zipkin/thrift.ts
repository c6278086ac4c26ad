import { ThriftType } from '../../pipeline/codec/thrift.ts'
import { ThriftReader } from '../../pipeline/codec/thrift_reader.ts'
import { hexOf, listOf, struct } from '../../pipeline/codec/thrift_struct.ts'
import {
  type Annotation,
  type BinaryAnnotation,
  type Endpoint,
  parentIdOf,
  type SpanV1,
  spanIdOf,
  traceIdOf,
  ZipkinFault,
} from './model.ts'
import { ipv4Text, ipv6Text } from './protobuf.ts'

/** Source: https://github.com/openzipkin/zipkin-api/blob/master/thrift/zipkinCore.thrift, list<Span>. Throws `ZipkinFault`. */
export function readThriftV1(bytes: Buffer): readonly SpanV1[] {
  const reader = new ThriftReader(bytes)
  const spans = listOf(reader, readSpan)
  if (reader.fault !== undefined) throw new ZipkinFault(`no thrift: ${reader.fault}`)
  return spans.map(({ high, low, id, parentId, ...span }) => ({
    ...span,
    traceId: traceIdOf(hexOf(high) + hexOf(low)),
    id: spanIdOf(hexOf(id)),
    parentId: parentIdOf(hexOf(parentId)),
  }))
}

const { bool, i16, i32, i64, binary, list, struct: nested } = ThriftType

function readSpan(reader: ThriftReader) {
  const span = {
    high: 0n,
    low: 0n,
    id: 0n,
    parentId: 0n,
    name: '',
    timestamp: undefined as bigint | undefined,
    duration: 0n,
    annotations: [] as Annotation[],
    binaryAnnotations: [] as BinaryAnnotation[],
  }
  struct(reader, {
    [`1 ${i64}`]: () => {
      span.low = reader.i64()
    },
    [`3 ${binary}`]: () => {
      span.name = reader.string()
    },
    [`4 ${i64}`]: () => {
      span.id = reader.i64()
    },
    [`5 ${i64}`]: () => {
      span.parentId = reader.i64()
    },
    [`6 ${list}`]: () => {
      span.annotations = listOf(reader, readAnnotation)
    },
    [`8 ${list}`]: () => {
      span.binaryAnnotations = listOf(reader, readBinaryAnnotation)
    },
    [`9 ${bool}`]: () => {
      reader.bool()
    },
    [`10 ${i64}`]: () => {
      span.timestamp = reader.i64() || undefined
    },
    [`11 ${i64}`]: () => {
      span.duration = reader.i64()
    },
    [`12 ${i64}`]: () => {
      span.high = reader.i64()
    },
  })
  return span
}

function readAnnotation(reader: ThriftReader): Annotation {
  const annotation = { timestamp: 0n, value: '', endpoint: undefined as Endpoint | undefined }
  struct(reader, {
    [`1 ${i64}`]: () => {
      annotation.timestamp = reader.i64()
    },
    [`2 ${binary}`]: () => {
      annotation.value = reader.string()
    },
    [`3 ${nested}`]: () => {
      annotation.endpoint = readEndpoint(reader)
    },
  })
  return annotation
}

function readBinaryAnnotation(reader: ThriftReader): BinaryAnnotation {
  let [key, type, bytes] = ['', 0, Buffer.alloc(0)]
  let endpoint: Endpoint | undefined
  struct(reader, {
    [`1 ${binary}`]: () => {
      key = reader.string()
    },
    [`2 ${binary}`]: () => {
      bytes = Buffer.from(reader.binary())
    },
    [`3 ${i32}`]: () => {
      type = reader.i32()
    },
    [`4 ${nested}`]: () => {
      endpoint = readEndpoint(reader)
    },
  })
  return { key, value: valueOfBytes(type, bytes), endpoint }
}

function readEndpoint(reader: ThriftReader): Endpoint {
  const endpoint = { serviceName: '', ipv4: '', ipv6: '', port: 0 }
  struct(reader, {
    [`1 ${i32}`]: () => {
      const address = Buffer.alloc(4)
      address.writeInt32BE(reader.i32())
      endpoint.ipv4 = address.every((byte) => byte === 0) ? '' : ipv4Text(address)
    },
    [`2 ${i16}`]: () => {
      endpoint.port = reader.i16() & 0xffff
    },
    [`3 ${binary}`]: () => {
      endpoint.serviceName = reader.string()
    },
    [`4 ${binary}`]: () => {
      endpoint.ipv6 = ipv6Text(reader.binary())
    },
  })
  return endpoint
}

/** By AnnotationType: bool, bytes (as base64), three lengths of integer, double, string. What is too short stays as base64. */
function valueOfBytes(type: number, bytes: Buffer): BinaryAnnotation['value'] {
  if (type === 0) return bytes.length === 1 && bytes[0] === 1
  if (type === 2 && bytes.length >= 2) return bytes.readInt16BE()
  if (type === 3 && bytes.length >= 4) return bytes.readInt32BE()
  if (type === 4 && bytes.length >= 8) return bytes.readBigInt64BE()
  if (type === 5 && bytes.length >= 8) return bytes.readDoubleBE()
  return bytes.toString(type === 6 ? 'utf8' : 'base64')
}
