import type { AnyValue, Attribute } from '../data/attributes.ts'
import type { LogRecord, ResourceLogs, ScopeLogs } from '../data/logs.ts'
import type { UnixTime } from '../data/time.ts'
import { decodeAnyValue, decodeAttribute, fields } from './decode_common.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import { decodeResourceItems, decodeScopeItems } from './resource_items.ts'
import { fixed32, fixed64, len, varint } from './wire.ts'

const RECORD = fields(1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12)

const NO_TIME: UnixTime = [0, 0]

/** Reads the body of a ResourceLogs, to the end of `r`. */
export function decodeResourceLogs(r: ProtobufReader): ResourceLogs {
  const { resource, members, schemaUrl } = decodeResourceItems(r, decodeScopeLogs)
  return { resource, scopeLogs: members, schemaUrl }
}

function decodeScopeLogs(r: ProtobufReader): ScopeLogs {
  const { scope, members, schemaUrl } = decodeScopeItems(r, decodeRecord)
  return { scope, logRecords: members, schemaUrl }
}

function decodeRecord(r: ProtobufReader): LogRecord {
  let time = NO_TIME
  let observedTime = NO_TIME
  let severityNumber = 0
  let severityText = ''
  let body: AnyValue = { kind: 'empty' }
  const attributes: Attribute[] = []
  let droppedAttributesCount = 0
  let flags = 0
  let traceId = ''
  let spanId = ''
  let eventName = ''
  const outer = r.enter()
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag === fixed64(1)) time = r.time()
    else if (tag === varint(2)) severityNumber = r.int32()
    else if (tag === len(3)) severityText = r.string()
    else if (tag === len(5)) body = decodeAnyValue(r)
    else if (tag === len(6)) decodeAttribute(r, attributes)
    else if (tag === varint(7)) droppedAttributesCount = r.uint32()
    else if (tag === fixed32(8)) flags = r.fixed32()
    else if (tag === len(9)) traceId = r.id(16)
    else if (tag === len(10)) spanId = r.id(8)
    else if (tag === fixed64(11)) observedTime = r.time()
    else if (tag === len(12)) eventName = r.string()
    else r.skip(tag, RECORD)
  }
  r.leave(outer)
  return {
    time,
    observedTime,
    severityNumber,
    severityText,
    body,
    attributes,
    droppedAttributesCount,
    flags,
    traceId,
    spanId,
    eventName,
  }
}
