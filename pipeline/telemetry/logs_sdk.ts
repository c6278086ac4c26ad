import { type AnyValueMap, SeverityNumber } from '@opentelemetry/api-logs'
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import {
  JsonLogsSerializer,
  LogsExporterMetricsHelper,
  ProtobufLogsSerializer,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { describe, type Entry, type Level } from './logger.ts'
import { pushTo } from './otlp_push.ts'
import { batchOptions, type ProcessorConfig } from './processor_fields.ts'
import type { OwnResource } from './resource.ts'

export interface OwnLogRecords {
  take(entry: Entry): void
  /** Sends what is left. */
  shutdown(): Promise<void>
}

const SEVERITIES: Readonly<Record<Level, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
}

/** Sends own log lines as log records. Rejects if a processor cannot be made. */
export async function ownLogRecords(
  processors: readonly ProcessorConfig[],
  resource: OwnResource,
): Promise<OwnLogRecords> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ ...resource }),
    processors: await Promise.all(processors.map(processorOf)),
  })
  const logger = provider.getLogger('weir')
  return {
    take({ date, level, message, fields }) {
      logger.emit({
        timestamp: date,
        severityNumber: SEVERITIES[level],
        severityText: level,
        body: message,
        attributes: attributesOf(fields),
      })
    },
    shutdown: () => provider.shutdown(),
  }
}

/** The resource is said once, for all records. */
function attributesOf(fields: Entry['fields']): AnyValueMap {
  const entries = Object.entries(fields).filter(([name]) => name !== 'resource')
  return Object.fromEntries(entries.map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  return value instanceof Error ? describe(value) : (JSON.stringify(value) ?? '')
}

async function processorOf({ batch, simple }: ProcessorConfig): Promise<LogRecordProcessor> {
  const target = (batch ?? simple)?.exporter.otlp
  if (target === undefined) throw new Error('unsupported log record processor')
  const delegate = await pushTo<ReadableLogRecord[], unknown>(target, {
    name: 'logs',
    protobuf: ProtobufLogsSerializer,
    json: JsonLogsSerializer,
    helper: LogsExporterMetricsHelper,
  })
  const exporter = new OTLPExporterBase(delegate)
  return batch === undefined
    ? new SimpleLogRecordProcessor({ exporter })
    : new BatchLogRecordProcessor({ exporter, ...batchOptions(batch) })
}
