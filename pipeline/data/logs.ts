import type { AnyValue, Attributes } from './attributes.ts'
import type { Resource, Scope } from './resource.ts'
import type { UnixTime } from './time.ts'

/** Source: opentelemetry/proto/logs/v1/logs.proto (OTLP 1.11). Ids are lowercase hex; an absent one is ''. */
export interface LogRecord {
  readonly time: UnixTime
  readonly observedTime: UnixTime
  readonly severityNumber: number
  readonly severityText: string
  readonly body: AnyValue
  readonly attributes: Attributes
  readonly droppedAttributesCount: number
  readonly flags: number
  readonly traceId: string
  readonly spanId: string
  readonly eventName: string
}

export interface ScopeLogs {
  readonly scope: Scope
  readonly logRecords: readonly LogRecord[]
  readonly schemaUrl: string
}

export interface ResourceLogs {
  readonly resource: Resource
  readonly scopeLogs: readonly ScopeLogs[]
  readonly schemaUrl: string
}
