import { int, string } from '../../pipeline/data/attributes.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { LogRecord, ResourceLogs } from '../../pipeline/data/logs.ts'
import type { Metric, NumberPoint, ResourceMetrics } from '../../pipeline/data/metrics.ts'
import { ProfileBatch } from '../../pipeline/data/profiles.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { NO_SPAN, type ResourceSpans, type Span } from '../../pipeline/data/traces.ts'

export const resource = (service = 'shop'): Resource => ({
  attributes: [string('service.name', service)],
  droppedAttributesCount: 0,
})

export const scope: Scope = {
  name: 'weir',
  version: '1.2.3',
  attributes: [],
  droppedAttributesCount: 0,
}

export const span = (more: Partial<Span> = {}): Span => ({
  ...NO_SPAN,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  flags: 1,
  name: 'GET /items',
  kind: 2,
  start: [1_700_000_000, 5],
  end: [1_700_000_000, 1_240_005],
  attributes: [string('http.request.method', 'GET'), int('http.response.status_code', 200)],
  ...more,
})

export const resourceSpans = (spans: readonly Span[], service?: string): ResourceSpans => ({
  resource: resource(service),
  scopeSpans: [{ scope, spans, schemaUrl: '' }],
  schemaUrl: '',
})

/** `n` spans that are named `span 0` and so on, of one resource. */
export const spans = (n: number, prefix = 'span') =>
  traceBatch([resourceSpans(Array.from({ length: n }, (_, i) => span({ name: `${prefix} ${i}` })))])

export const point = (value: number): NumberPoint => ({
  attributes: [],
  start: [0, 0],
  time: [1_700_000_000, 0],
  flags: 0,
  value: { kind: 'int', value },
  exemplars: [],
})

export const gauge = (name: string, points: number): Metric => ({
  name,
  description: '',
  unit: '1',
  metadata: [],
  data: { kind: 'gauge', points: Array.from({ length: points }, (_, i) => point(i)) },
})

export const resourceMetrics = (metrics: readonly Metric[]): ResourceMetrics => ({
  resource: resource(),
  scopeMetrics: [{ scope, metrics, schemaUrl: '' }],
  schemaUrl: '',
})

export const points = (n: number) => metricBatch([resourceMetrics([gauge('load', n)])])

export const logRecord = (body: string, more: Partial<LogRecord> = {}): LogRecord => ({
  time: [1_700_000_000, 0],
  observedTime: [0, 0],
  severityNumber: 9,
  severityText: 'INFO',
  body: { kind: 'string', value: body },
  attributes: [],
  droppedAttributesCount: 0,
  flags: 0,
  traceId: '',
  spanId: '',
  eventName: '',
  ...more,
})

export const resourceLogs = (records: readonly LogRecord[]): ResourceLogs => ({
  resource: resource(),
  scopeLogs: [{ scope, logRecords: records, schemaUrl: '' }],
  schemaUrl: '',
})

export const records = (n: number) =>
  logBatch([resourceLogs(Array.from({ length: n }, (_, i) => logRecord(`line ${i}`)))])

/** A request of one profile with so many samples, and a dictionary beside it. */
export function profiles(samples: number): ProfileBatch {
  const field = (tag: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, body.length]), body])
  }
  const profile = Array.from({ length: samples }, () => field(0x12, Buffer.from([0x08, 0x01])))
  const request = [field(0x0a, field(0x12, field(0x12, ...profile))), field(0x12)]
  const read = ProfileBatch.read(Buffer.concat(request))
  if (read.kind === 'invalid') throw new Error(read.reason)
  return read.batch
}
