import type { LogRecord, ResourceLogs, ScopeLogs } from '../data/logs.ts'
import { count, encodeAnyValue, encodeAttributes, hex, text, time } from './encode_common.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { encodeResourceItems, encodeScopeItems } from './resource_items.ts'
import { fixed32, fixed64, len, varint } from './wire.ts'

/** Writes one ResourceLogs as field 1 of a request. Source: opentelemetry/proto/logs/v1/logs.proto */
export function encodeResourceLogs(w: ProtobufWriter, data: ResourceLogs): void {
  encodeResourceItems(w, data, data.scopeLogs, encodeScopeLogs)
}

function encodeScopeLogs(w: ProtobufWriter, data: ScopeLogs): void {
  encodeScopeItems(w, data, data.logRecords, encodeLogRecord)
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
