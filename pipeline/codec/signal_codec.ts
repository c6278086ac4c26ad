import {
  countDataPoints,
  countLogRecords,
  countSpans,
  divideDataPoints,
  divideLogRecords,
  divideSpans,
} from '../data/divide.ts'
import type { ResourceLogs } from '../data/logs.ts'
import {
  type Change,
  mapPointAttributes,
  mapRecordAttributes,
  mapSpanAttributes,
} from '../data/map_attributes.ts'
import type { ResourceMetrics } from '../data/metrics.ts'
import type { Resource } from '../data/resource.ts'
import type { ResourceSpans } from '../data/traces.ts'
import { decodeResourceLogs } from './decode_logs.ts'
import { decodeResourceMetrics } from './decode_metrics.ts'
import { decodeResourceSpans } from './decode_traces.ts'
import { encodeResourceLogs } from './encode_logs.ts'
import { encodeResourceMetrics } from './encode_metrics.ts'
import { encodeResourceSpans } from './encode_traces.ts'
import type { Json } from './json_common.ts'
import { JsonDecoder, type JsonLoss } from './json_decode.ts'
import { JsonMetricsDecoder } from './json_decode_metrics.ts'
import { resourceLogsToJson } from './json_logs.ts'
import { resourceMetricsToJson } from './json_metrics.ts'
import type { JsonReader } from './json_reader.ts'
import { resourceSpansToJson } from './json_traces.ts'
import type { ProtobufReader } from './protobuf_reader.ts'
import type { ProtobufWriter } from './protobuf_writer.ts'
import { ROOTS } from './shapes.ts'

/** All that a batch needs to know of its signal. `R` is what one resource sent: ResourceSpans and its like. */
export interface SignalCodec<R> {
  readonly signal: 'traces' | 'metrics' | 'logs'
  /** The one member of a request in OTLP's JSON. */
  readonly jsonMember: string
  /** Spans, data points or log records. */
  count(data: R): number
  /** Divides after `at` items, 0 < at < count. */
  divide(data: R, at: number): readonly [head: R, tail: R]
  resource(data: R): Resource
  withResource(data: R, resource: Resource): R
  /** Changes the attributes of all items. */
  mapAttributes(data: R, change: Change): R
  /** Writes `data` as field 1 of a request. */
  encode(writer: ProtobufWriter, data: R): void
  toJson(data: R): Json
  /** The message that field 1 of a request holds, for the scan. */
  readonly root: number
  /** Reads the body of that message, to the end of the reader. */
  decode(reader: ProtobufReader): R
  /** Reads one member of a request in OTLP's JSON. Throws `JsonFault`. */
  fromJson(reader: JsonReader, loss: JsonLoss): R
}

/** The three have their resource in the same member. */
const ofResource = {
  resource: (data: { readonly resource: Resource }) => data.resource,
  withResource: <R extends { readonly resource: Resource }>(data: R, resource: Resource): R => ({
    ...data,
    resource,
  }),
}

export const tracesCodec: SignalCodec<ResourceSpans> = {
  signal: 'traces',
  jsonMember: 'resourceSpans',
  count: (data) => countSpans(data.scopeSpans),
  divide(data, at) {
    const [head, tail] = divideSpans(data.scopeSpans, at)
    return [
      { ...data, scopeSpans: head },
      { ...data, scopeSpans: tail },
    ]
  },
  ...ofResource,
  mapAttributes: mapSpanAttributes,
  encode: encodeResourceSpans,
  toJson: resourceSpansToJson,
  root: ROOTS.traces,
  decode: decodeResourceSpans,
  fromJson: (reader, loss) => new JsonDecoder(loss).resourceSpans(reader),
}

export const metricsCodec: SignalCodec<ResourceMetrics> = {
  signal: 'metrics',
  jsonMember: 'resourceMetrics',
  count: (data) => countDataPoints(data.scopeMetrics),
  divide(data, at) {
    const [head, tail] = divideDataPoints(data.scopeMetrics, at)
    return [
      { ...data, scopeMetrics: head },
      { ...data, scopeMetrics: tail },
    ]
  },
  ...ofResource,
  mapAttributes: mapPointAttributes,
  encode: encodeResourceMetrics,
  toJson: resourceMetricsToJson,
  root: ROOTS.metrics,
  decode: decodeResourceMetrics,
  fromJson: (reader, loss) => new JsonMetricsDecoder(loss).resourceMetrics(reader),
}

export const logsCodec: SignalCodec<ResourceLogs> = {
  signal: 'logs',
  jsonMember: 'resourceLogs',
  count: (data) => countLogRecords(data.scopeLogs),
  divide(data, at) {
    const [head, tail] = divideLogRecords(data.scopeLogs, at)
    return [
      { ...data, scopeLogs: head },
      { ...data, scopeLogs: tail },
    ]
  },
  ...ofResource,
  mapAttributes: mapRecordAttributes,
  encode: encodeResourceLogs,
  toJson: resourceLogsToJson,
  root: ROOTS.logs,
  decode: decodeResourceLogs,
  fromJson: (reader, loss) => new JsonDecoder(loss).resourceLogs(reader),
}
