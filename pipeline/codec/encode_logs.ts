import type { LogRecord, ResourceLogs, ScopeLogs } from '../data/logs.ts'
import {
  count,
  encodeAnyValue,
  encodeAttributes,
  encodeResource,
  encodeScope,
  hex,
  text,
  time,
} from './encode_common.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { fixed32, fixed64, len, varint } from './wire.ts'

/** Writes one ResourceLogs as field 1 of a request. Source: opentelemetry/proto/logs/v1/logs.proto */
export function encodeResourceLogs(w: ProtobufWriter, data: ResourceLogs): void {
  const start = w.begin(len(1), 4)
  encodeResource(w, len(1), data.resource)
  for (const scopeLogs of data.scopeLogs) encodeScopeLogs(w, scopeLogs)
  text(w, len(3), data.schemaUrl)
  w.end(start, 4)
}

function encodeScopeLogs(w: ProtobufWriter, data: ScopeLogs): void {
  const start = w.begin(len(2), 4)
  encodeScope(w, len(1), data.scope)
  for (const record of data.logRecords) encodeLogRecord(w, record)
  text(w, len(3), data.schemaUrl)
  w.end(start, 4)
}

function encodeLogRecord(w: ProtobufWriter, record: LogRecord): void {
  const start = w.begin(len(2), 2)
  time(w, fixed64(1), record.time)
  if (record.severityNumber !== 0) w.int32(varint(2), record.severityNumber)
  text(w, len(3), record.severityText)
  if (record.body.kind !== 'empty') encodeAnyValue(w, len(5), record.body)
  encodeAttributes(w, len(6), record.attributes)
  count(w, varint(7), record.droppedAttributesCount)
  if (record.flags !== 0) w.fixed32(fixed32(8), record.flags)
  hex(w, len(9), record.traceId)
  hex(w, len(10), record.spanId)
  time(w, fixed64(11), record.observedTime)
  text(w, len(12), record.eventName)
  w.end(start, 2)
}
