import type { LogRecord, ResourceLogs } from '../data/logs.ts'
import {
  anyValueToJson,
  attributesToJson,
  type Json,
  number,
  resourceItemsToJson,
  scopeItemsToJson,
  text,
  time,
} from './json_common.ts'

/** One member of `resourceLogs`, in OTLP's JSON. */
export const resourceLogsToJson = (data: ResourceLogs): Json =>
  resourceItemsToJson(
    data,
    'scopeLogs',
    data.scopeLogs.map((one) =>
      scopeItemsToJson(one, 'logRecords', one.logRecords.map(logRecordToJson)),
    ),
  )

const logRecordToJson = (record: LogRecord): Json => ({
  timeUnixNano: time(record.time),
  observedTimeUnixNano: time(record.observedTime),
  severityNumber: number(record.severityNumber),
  severityText: text(record.severityText),
  body: record.body.kind === 'empty' ? undefined : anyValueToJson(record.body),
  attributes: attributesToJson(record.attributes),
  droppedAttributesCount: number(record.droppedAttributesCount),
  flags: number(record.flags),
  traceId: text(record.traceId),
  spanId: text(record.spanId),
  eventName: text(record.eventName),
})
