import type { LogRecord, ResourceLogs } from '../../pipeline/data/logs.ts'
import { attributeLines, resourceLines, scopeLines, timestamp, typedValue } from './text.ts'

const SEVERITIES = ['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal']

/** The lines of `verbosity: detailed` for one resource. */
export const detailedLogs = (data: ResourceLogs, index: number): string[] => [
  ...resourceLines(`ResourceLog #${index}`, data.resource, data.schemaUrl),
  ...data.scopeLogs.flatMap((one, i) => [
    ...scopeLines('ScopeLogs', i, one.scope, one.schemaUrl),
    ...one.logRecords.flatMap(recordLines),
  ]),
]

const recordLines = (record: LogRecord, index: number): string[] => [
  `LogRecord #${index}`,
  `ObservedTimestamp: ${timestamp(record.observedTime)}`,
  `Timestamp: ${timestamp(record.time)}`,
  `SeverityText: ${record.severityText}`,
  `SeverityNumber: ${severity(record.severityNumber)}(${record.severityNumber})`,
  ...(record.eventName === '' ? [] : [`EventName: ${record.eventName}`]),
  `Body: ${typedValue(record.body)}`,
  ...attributeLines('Attributes:', record.attributes),
  `Trace ID: ${record.traceId}`,
  `Span ID: ${record.spanId}`,
  `Flags: ${record.flags}`,
]

/** 9 is Info, 10 is Info2. */
function severity(number: number): string {
  const name = SEVERITIES[Math.floor((number - 1) / 4)]
  if (number < 1 || name === undefined) return 'Unspecified'
  const step = ((number - 1) % 4) + 1
  return step === 1 ? name : `${name}${step}`
}
