import { type ThriftInput, ThriftType } from '../../pipeline/codec/thrift.ts'
import { ThriftCompactReader } from '../../pipeline/codec/thrift_compact.ts'
import { ThriftReader } from '../../pipeline/codec/thrift_reader.ts'
import { hexOf, listOf, struct } from '../../pipeline/codec/thrift_struct.ts'
import type { AnyValue, Attribute } from '../../pipeline/data/attributes.ts'
import { timeOfMicros } from '../../pipeline/data/time.ts'
import {
  hexId,
  type JaegerBatch,
  JaegerFault,
  type JaegerSpan,
  type Log,
  type Process,
  type Reference,
} from './model.ts'

const { bool, i32, i64, double, binary, list, struct: nested } = ThriftType

const VERSION_1 = 0x80010000
const COMPACT = 0x82
const EMIT_BATCH = 'emitBatch'

/** A batch as the body of a request has it. Source: jaeger-idl, thrift/jaeger.thrift. Throws `JaegerFault`. */
export function readBatch(bytes: Buffer): JaegerBatch {
  const reader = new ThriftReader(bytes)
  return checked(reader, readBatchStruct(reader))
}

/** The packet of a call of emitBatch, binary, with a version or, as old clients have it, without. Source: jaeger-idl, thrift/agent.thrift */
export function readBinaryPacket(bytes: Buffer): JaegerBatch {
  const reader = new ThriftReader(bytes)
  const first = reader.i32()
  const hasVersion = (first & 0xffff0000) >> 0 === VERSION_1 >> 0
  const name = hasVersion ? reader.string() : nameOf(reader, first)
  reader.i32() // the number of the call
  return argument(reader, name)
}

function nameOf(reader: ThriftReader, length: number): string {
  const name = reader.bytes(length).toString('utf8')
  reader.byte() // the kind of message
  return name
}

/** The same, compact. */
export function readCompactPacket(bytes: Buffer): JaegerBatch {
  const reader = new ThriftCompactReader(bytes)
  if (reader.byte() !== COMPACT) throw new JaegerFault('no compact thrift')
  reader.byte() // version and kind of message
  reader.size() // the number of the call
  return argument(reader, reader.string())
}

/** The only argument is the batch. */
function argument(reader: ThriftInput, name: string): JaegerBatch {
  if (reader.fault === undefined && name !== EMIT_BATCH) {
    throw new JaegerFault(`a call of ${JSON.stringify(name.slice(0, 40))}, not of ${EMIT_BATCH}`)
  }
  let batch: JaegerBatch = { process: undefined, spans: [] }
  struct(reader, {
    [`1 ${nested}`]: () => {
      batch = readBatchStruct(reader)
    },
  })
  return checked(reader, batch)
}

function checked(reader: ThriftInput, batch: JaegerBatch): JaegerBatch {
  if (reader.fault !== undefined) throw new JaegerFault(`no thrift: ${reader.fault}`)
  return batch
}

function readBatchStruct(reader: ThriftInput): JaegerBatch {
  let process: Process | undefined
  let spans: JaegerSpan[] = []
  struct(reader, {
    [`1 ${nested}`]: () => {
      process = readProcess(reader)
    },
    [`2 ${list}`]: () => {
      spans = listOf(reader, readSpan)
    },
  })
  return { process, spans }
}

function readProcess(reader: ThriftInput): Process {
  const process = { service: '', tags: [] as Attribute[] }
  struct(reader, {
    [`1 ${binary}`]: () => {
      process.service = reader.string()
    },
    [`2 ${list}`]: () => {
      process.tags = listOf(reader, readTag)
    },
  })
  return process
}

function readSpan(reader: ThriftInput): JaegerSpan {
  let [high, low, id, parent, start, duration] = [0n, 0n, 0n, 0n, 0n, 0n]
  const span = {
    name: '',
    references: [] as Reference[],
    tags: [] as Attribute[],
    logs: [] as Log[],
  }
  struct(reader, {
    [`1 ${i64}`]: () => {
      low = reader.i64()
    },
    [`2 ${i64}`]: () => {
      high = reader.i64()
    },
    [`3 ${i64}`]: () => {
      id = reader.i64()
    },
    [`4 ${i64}`]: () => {
      parent = reader.i64()
    },
    [`5 ${binary}`]: () => {
      span.name = reader.string()
    },
    [`6 ${list}`]: () => {
      span.references = listOf(reader, readReference)
    },
    [`8 ${i64}`]: () => {
      start = reader.i64()
    },
    [`9 ${i64}`]: () => {
      duration = reader.i64()
    },
    [`10 ${list}`]: () => {
      span.tags = listOf(reader, readTag)
    },
    [`11 ${list}`]: () => {
      span.logs = listOf(reader, readLog)
    },
  })
  return {
    ...span,
    traceId: hexId(hexOf(high) + hexOf(low)),
    spanId: hexId(hexOf(id)),
    parentSpanId: hexId(hexOf(parent)),
    start: timeOfMicros(start),
    end: timeOfMicros(start + duration),
    process: undefined,
  }
}

function readReference(reader: ThriftInput): Reference {
  let [type, high, low, id] = [0, 0n, 0n, 0n]
  struct(reader, {
    [`1 ${i32}`]: () => {
      type = reader.i32()
    },
    [`2 ${i64}`]: () => {
      low = reader.i64()
    },
    [`3 ${i64}`]: () => {
      high = reader.i64()
    },
    [`4 ${i64}`]: () => {
      id = reader.i64()
    },
  })
  return {
    type: type === 0 ? 'child_of' : 'follows_from',
    traceId: hexId(hexOf(high) + hexOf(low)),
    spanId: hexId(hexOf(id)),
  }
}

function readLog(reader: ThriftInput): Log {
  let time = 0n
  let fields: Attribute[] = []
  struct(reader, {
    [`1 ${i64}`]: () => {
      time = reader.i64()
    },
    [`2 ${list}`]: () => {
      fields = listOf(reader, readTag)
    },
  })
  return { time: timeOfMicros(time), fields }
}

function readTag(reader: ThriftInput): Attribute {
  let [key, type] = ['', 0]
  const values: AnyValue[] = [
    { kind: 'string', value: '' },
    { kind: 'double', value: 0 },
    { kind: 'bool', value: false },
    { kind: 'int', value: 0 },
    { kind: 'bytes', value: Buffer.alloc(0) },
  ]
  struct(reader, {
    [`1 ${binary}`]: () => {
      key = reader.string()
    },
    [`2 ${i32}`]: () => {
      type = reader.i32()
    },
    [`3 ${binary}`]: () => {
      values[0] = { kind: 'string', value: reader.string() }
    },
    [`4 ${double}`]: () => {
      values[1] = { kind: 'double', value: reader.double() }
    },
    [`5 ${bool}`]: () => {
      values[2] = { kind: 'bool', value: reader.bool() }
    },
    [`6 ${i64}`]: () => {
      values[3] = { kind: 'int', value: integer(reader.i64()) }
    },
    [`7 ${binary}`]: () => {
      values[4] = { kind: 'bytes', value: reader.binary() }
    },
  })
  return { key, value: values[type] ?? unknown(type) }
}

/** A bigint only beyond 2^53. */
const integer = (value: bigint): number | bigint =>
  BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value

const unknown = (type: number): AnyValue => ({
  kind: 'string',
  value: `<Unknown Jaeger TagType "${type}">`,
})
