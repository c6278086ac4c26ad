import { ProtobufReader } from '../../pipeline/codec/protobuf_reader.ts'
import type { AnyValue, Attribute } from '../../pipeline/data/attributes.ts'
import type { UnixTime } from '../../pipeline/data/time.ts'
import {
  hexId,
  type JaegerBatch,
  JaegerFault,
  type JaegerSpan,
  type Log,
  type Process,
  type Reference,
} from './model.ts'

const NANOS = 1_000_000_000

/** Source: jaeger-idl, proto/api_v2/collector.proto and model.proto, PostSpansRequest. Throws `JaegerFault`. */
export function readPostSpans(bytes: Uint8Array): JaegerBatch {
  const reader = new ProtobufReader(bytes)
  let batch: JaegerBatch = { process: undefined, spans: [] }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) batch = nested(reader, readBatch)
    else reader.skip(tag, 0b10)
  }
  if (reader.fault !== undefined) throw new JaegerFault(`no protobuf: ${reader.fault}`)
  return batch
}

function nested<T>(reader: ProtobufReader, read: (reader: ProtobufReader) => T): T {
  const outer = reader.enter()
  const value = read(reader)
  reader.leave(outer)
  return value
}

function readBatch(reader: ProtobufReader): JaegerBatch {
  const spans: JaegerSpan[] = []
  let process: Process | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) spans.push(nested(reader, readSpan))
    else if (tag === 0x12) process = nested(reader, readProcess)
    else reader.skip(tag, 0b110)
  }
  return { process, spans }
}

function readProcess(reader: ProtobufReader): Process {
  const tags: Attribute[] = []
  let service = ''
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) service = reader.string()
    else if (tag === 0x12) tags.push(nested(reader, readKeyValue))
    else reader.skip(tag, 0b110)
  }
  return { service, tags }
}

const idOf = (reader: ProtobufReader, digits: number): string =>
  hexId(Buffer.from(reader.bytes()).toString('hex').padStart(digits, '0'))

type Writable<T> = { -readonly [K in keyof T]: T[K] }

function readSpan(reader: ProtobufReader): JaegerSpan {
  const [references, tags, logs]: [Reference[], Attribute[], Log[]] = [[], [], []]
  const span: Writable<JaegerSpan> = { ...NO_SPAN, references, tags, logs }
  let took: UnixTime = [0, 0]
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) span.traceId = idOf(reader, 32)
    else if (tag === 0x12) span.spanId = idOf(reader, 16)
    else if (tag === 0x1a) span.name = reader.string()
    else if (tag === 0x22) references.push(nested(reader, readReference))
    else if (tag === 0x32) span.start = nested(reader, readTime)
    else if (tag === 0x3a) took = nested(reader, readTime)
    else if (tag === 0x42) tags.push(nested(reader, readKeyValue))
    else if (tag === 0x4a) logs.push(nested(reader, readLog))
    else if (tag === 0x52) span.process = nested(reader, readProcess)
    else reader.skip(tag, 0b0111_1101_1110)
  }
  const parent = references.find(
    ({ type, traceId }) => type === 'child_of' && traceId === span.traceId,
  )
  return { ...span, parentSpanId: parent?.spanId ?? '', end: sum(span.start, took) }
}

const NO_SPAN: JaegerSpan = {
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  references: [],
  start: [0, 0],
  end: [0, 0],
  tags: [],
  logs: [],
  process: undefined,
}

function sum(start: UnixTime, took: UnixTime): UnixTime {
  const nanoseconds = start[1] + took[1]
  const carry = Math.floor(nanoseconds / NANOS)
  return [start[0] + took[0] + carry, nanoseconds - carry * NANOS]
}

/** A Timestamp or a Duration; what is before 1970 is there. */
function readTime(reader: ProtobufReader): UnixTime {
  let [seconds, nanoseconds] = [0, 0]
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x08) seconds = Number(reader.int64())
    else if (tag === 0x10) nanoseconds = reader.int32()
    else reader.skip(tag, 0b110)
  }
  const isValid = seconds >= 0 && nanoseconds >= 0 && nanoseconds < NANOS
  return isValid && Number.isSafeInteger(seconds) ? [seconds, nanoseconds] : [0, 0]
}

function readReference(reader: ProtobufReader): Reference {
  const reference: Writable<Reference> = { type: 'child_of', traceId: '', spanId: '' }
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) reference.traceId = idOf(reader, 32)
    else if (tag === 0x12) reference.spanId = idOf(reader, 16)
    else if (tag === 0x18) reference.type = reader.uint32() === 0 ? 'child_of' : 'follows_from'
    else reader.skip(tag, 0b1110)
  }
  return reference
}

function readLog(reader: ProtobufReader): Log {
  const fields: Attribute[] = []
  let time: UnixTime = [0, 0]
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) time = nested(reader, readTime)
    else if (tag === 0x12) fields.push(nested(reader, readKeyValue))
    else reader.skip(tag, 0b110)
  }
  return { time, fields }
}

function readKeyValue(reader: ProtobufReader): Attribute {
  let [key, type] = ['', 0]
  const values: AnyValue[] = [
    { kind: 'string', value: '' },
    { kind: 'bool', value: false },
    { kind: 'int', value: 0 },
    { kind: 'double', value: 0 },
    { kind: 'bytes', value: Buffer.alloc(0) },
  ]
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 0x0a) key = reader.string()
    else if (tag === 0x10) type = reader.uint32()
    else if (tag === 0x1a) values[0] = { kind: 'string', value: reader.string() }
    else if (tag === 0x20) values[1] = { kind: 'bool', value: reader.bool() }
    else if (tag === 0x28) values[2] = { kind: 'int', value: reader.int64() }
    else if (tag === 0x31) values[3] = { kind: 'double', value: reader.double() }
    else if (tag === 0x3a) values[4] = { kind: 'bytes', value: Buffer.from(reader.bytes()) }
    else reader.skip(tag, 0b1111_1110)
  }
  const unknown: AnyValue = { kind: 'string', value: `<Unknown Jaeger TagType "${type}">` }
  return { key, value: values[type] ?? unknown }
}
